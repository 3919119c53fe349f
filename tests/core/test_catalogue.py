"""Where a field stands in a TOML file, and what is said about it."""

from textwrap import dedent

import pytest

from core.catalogue import Catalogue, CatalogueError, Entry, Slug, Text, line_numbers, spelled


class Thing(Entry):
    slug: Slug
    title: Text | None = None
    size: int = 1


def opened(tmp_path, text: str) -> Catalogue:
    path = tmp_path / "things.toml"
    path.write_text(dedent(text), encoding="utf-8")
    return Catalogue.open(path)


def problems(catalogue: Catalogue) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        catalogue.finish()
    return [str(problem) for problem in caught.value.problems]


def test_line_numbers_see_through_strings_comments_and_nested_tables():
    text = dedent('''\
        # [[not.a.table]]
        name = "[no] # comment"   # real comment
        [[events]]
        slug = "a"
        text = """
        slug = "inside a text"
        [[events]]
        """
        list = [ # over
            "several", # lines
            { slug = "x" },
        ]
        [events.title]
        it = 'uno'
        [[events.agenda]]
        minutes = 5
        [[events.agenda]]
        minutes = 6
        [[events]]
        "slug" = "b"
        a.b = 1
        [events.title]
        it = "due"
    ''')
    lines = line_numbers(text)
    assert lines[("name",)] == 2
    assert lines[("events", 0)] == 3
    assert lines[("events", 0, "slug")] == 4
    assert lines[("events", 0, "list")] == 9
    assert lines[("events", 0, "title", "it")] == 14
    assert lines[("events", 0, "agenda", 1, "minutes")] == 18
    assert lines[("events", 1)] == 19
    assert lines[("events", 1, "slug")] == 20
    assert lines[("events", 1, "a", "b")] == 21
    assert lines[("events", 1, "title", "it")] == 23
    assert not any("not" in path for path in lines)


def test_spelled_as_people_write_it():
    assert spelled(("events", 3, "starts_at")) == "events[3].starts_at"
    assert spelled(("templates", "lab", "agenda", 0, "minutes")) == "templates.lab.agenda[0].minutes"


def test_syntax_error_names_its_line(tmp_path):
    with pytest.raises(CatalogueError) as caught:
        opened(tmp_path, "[[things]]\nslug = “a”\n")
    assert str(caught.value).startswith("things.toml, line 2: is not TOML")


def test_file_that_is_not_there_or_not_text(tmp_path):
    with pytest.raises(CatalogueError, match=r"nothing.toml, line 1: cannot be read"):
        Catalogue.open(tmp_path / "nothing.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogueError, match=r"it is not UTF-8"):
        Catalogue.open(tmp_path / "binary.toml")


def test_all_mistakes_are_told_together_each_with_line_and_field(tmp_path):
    catalogue = opened(
        tmp_path,
        """\
        thing = 1
        [[things]]
        slug = "a"
        sise = 3
        [[things]]
        slug = "Not A Slug"
        size = "big"
        [[things]]
        size = 2
        [[things]]
        slug = "a"
        title = { it = "solo italiano" }
        [[things]]
        slug = "c"
        [[things]]
        slug = "c"
        """,
    )
    found = catalogue.tables("things", Thing)
    assert [entry.slug for _path, entry in found] == ["c", "c"]
    told = problems(catalogue)
    assert told[0] == "things.toml, line 1, thing: is not known here (did you mean “things”?)"
    assert told[1] == "things.toml, line 4, things[0].sise: is not a known field (did you mean “size”?)"
    assert told[2].startswith("things.toml, line 6, things[1].slug: ")
    assert told[3] == "things.toml, line 7, things[1].size: must be a valid integer, not 'big'"
    assert told[4] == "things.toml, line 8, things[2].slug: is missing"
    assert told[5] == "things.toml, line 12, things[3].title: is missing in en"
    assert told[6] == "things.toml, line 16, things[5].slug: “c” stands already in things[4]"
    assert len(told) == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("things = 3", "line 1, things: must be a list of tables: write [[things]]"),
        ("things = [3]", "line 1, things[0]: "),
        ("[things]\nslug = 'a'", "line 1, things: must be a list of tables"),
    ],
)
def test_parts_of_the_wrong_shape(tmp_path, text, told):
    catalogue = opened(tmp_path, text)
    catalogue.tables("things", Thing)
    assert told in problems(catalogue)[0]


def test_a_reference_to_a_wrong_entry_is_not_a_second_mistake(tmp_path):
    catalogue = opened(tmp_path, "[[things]]\nslug = 'a'\nsize = 'wrong'\n")
    catalogue.tables("things", Thing)
    catalogue.reference(("things", 0, "slug"), "a", "things")
    catalogue.reference(("things", 0, "slug"), "aa", "things")
    told = problems(catalogue)
    assert len(told) == 2
    assert "“aa” is not one of things (did you mean “a”?)" in told[0]
