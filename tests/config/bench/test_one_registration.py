from config.bench.one_registration import longest_transaction


def test_longest_transaction_begins_and_ends_with_itself():
    short, long = ["BEGIN", "UPDATE 1", "COMMIT"], ["BEGIN IMMEDIATE", "SELECT 2", "SAVEPOINT a", "INSERT 3", "COMMIT"]
    assert longest_transaction(["SELECT 0", *long, "SELECT 4", *short, "SELECT 5"]) == long
    assert longest_transaction(["SELECT 0"]) == []
