import http.server
import threading

import pytest

from config import bench
from config.bench.measuring import BenchError, Report, load, queries, spread
from config.bench.stage import Stage
from programmes.models import Programme


def test_spread_tells_median_and_95th_percentile_in_milliseconds():
    assert spread([0.001 * number for number in range(1, 101)]) == {"median_ms": 50.5, "p95_ms": 96.0}


def test_every_benchmark_has_its_measure():
    assert {"pages", "registration", "checkin"} <= set(bench.names())
    assert all(callable(bench.measure_of(name)) for name in bench.names())


def test_queries_counts_what_reaches_the_database(db):
    assert queries(lambda: list(Programme.objects.all())) == 1


def test_report_keeps_its_rows_for_machines():
    told = []
    report = Report("pages", told.append)
    report.add("home", queries=5, database_cpu_ms=None)
    assert "queries 5" in told[0]
    assert "None" not in told[0]
    assert '"queries": 5' in report.as_json()


def test_stage_refuses_a_database_that_is_not_empty(programme):
    with pytest.raises(BenchError, match="not empty"):
        Stage().prepare()
    assert Programme.objects.count() == 1


def test_load_that_is_refused_is_an_error_and_no_figure():
    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(403)

        def log_message(self, *args):
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(BenchError, match="GET / answered 403"):
            load(server.server_address[1], [("GET", "/", {}, None)] * 3, clients=2)
    finally:
        server.shutdown()
        server.server_close()
