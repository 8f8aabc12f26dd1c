"""Reading CSV files: rows and their places, whatever the encoding, quotes and cut."""

from __future__ import annotations

import csv
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_salesforce.contacts.importing.layout import layout_of, recognised_delimiter
from wagtail_salesforce.contacts.importing.lines import Lines, Place
from wagtail_salesforce.contacts.importing.options import CHARACTERS, Options
from wagtail_salesforce.contacts.importing.problems import FileProblem
from wagtail_salesforce.contacts.importing.records import Records


CODECS = {"utf-8": "utf-8", "windows-1252": "cp1252", "latin-1": "latin-1", "utf-16": "utf-16"}


def opener(data, size=64 * 1024):
    """Opens bytes as a stored file is opened, in chunks of `size`."""

    def opened(offset):
        return (data[start : start + size] for start in range(offset, len(data), size))

    return opened


def rows_of(text, size=64 * 1024, **options):
    data = text if isinstance(text, bytes) else text.encode()
    opened = opener(data, size)
    return list(layout_of(opened, Options(**options)).records(opened))


def cells_of(text, **options):
    return [row.cells for row in rows_of(text, **options)]


def problems_of(text, **options):
    return {row.line: row.problem for row in rows_of(text, **options) if row.problem}


class TestEncodings:
    @pytest.mark.parametrize("encoding", CODECS)
    def test_each_that_is_offered_is_read(self, encoding):
        data = "e-mail;name\na@b.org;Zoë Café\n".encode(CODECS[encoding])
        assert cells_of(data, encoding=encoding) == [["a@b.org", "Zoë Café"]]

    def test_a_byte_order_mark_is_no_part_of_the_header(self):
        data = "e-mail,name\n".encode("utf-8-sig")
        assert layout_of(opener(data), Options()).header == ["e-mail", "name"]

    def test_big_endian_utf_16_is_read_by_its_mark(self):
        data = b"\xfe\xff" + "e-mail,name\na@b.org,Zoë\n".encode("utf-16-be")
        assert cells_of(data, encoding="utf-16") == [["a@b.org", "Zoë"]]

    @pytest.mark.parametrize("size", [1, 2, 7, 1000])
    def test_the_wrong_one_is_told_with_its_line(self, size):
        data = b"e-mail,name\na@b.org,Ada\nb@b.org,Zo\xeb\n"
        with pytest.raises(FileProblem) as caught:
            rows_of(data, size)
        assert (caught.value.code, caught.value.line) == ("wrong_encoding", 3)
        assert "Line 3" in caught.value.message
        assert cells_of(data, encoding="windows-1252")[1] == ["b@b.org", "Zoë"]

    def test_bytes_that_windows_1252_does_not_have(self):
        with pytest.raises(FileProblem) as caught:
            rows_of(b"e-mail,name\na@b.org,\x81\n", encoding="windows-1252")
        assert caught.value.line == 2


class TestDelimiters:
    @pytest.mark.parametrize("delimiter", CHARACTERS.values())
    def test_are_recognised(self, delimiter):
        text = f"e-mail{delimiter}name\na@b.org{delimiter}Ada, x; y\n"
        assert recognised_delimiter(text) == delimiter

    def test_a_quoted_one_does_not_count(self):
        assert recognised_delimiter('"a;b;c","d;e;f"\n"1;2;3","4"\n') == ","

    def test_one_column_needs_none(self):
        assert cells_of("e-mail\na@b.org\n") == [["a@b.org"]]

    def test_can_be_chosen(self):
        assert cells_of("a;b,c\n1;2,3\n", delimiter="comma") == [["1;2", "3"]]


WHOLE_FILES = {
    "empty": (b"", "empty_file"),
    "only a mark": (b"\xef\xbb\xbf", "empty_file"),
    "only delimiters": (b",,\n\n", "empty_file"),
    "a workbook": (b"PK\x03\x04\x14\x00", "not_csv"),
    "a PDF": (b"%PDF-1.7\n", "not_csv"),
    "UTF-16 taken for UTF-8": ("a,b\n".encode("utf-16-le"), "not_csv"),
    "data instead of a header": (b"a@b.org,Ada\nc@d.org,Eve\n", "no_header"),
    "a header with broken quotes": (b'"a"b,c\n1,2\n', "no_header"),
    "501 columns": (b"x," * 500 + b"y\n", "no_header"),
}


@pytest.mark.parametrize("case", WHOLE_FILES)
def test_files_that_cannot_be_imported_say_why(case):
    data, code = WHOLE_FILES[case]
    with pytest.raises(FileProblem) as caught:
        rows_of(data)
    assert caught.value.code == code
    assert caught.value.message
    assert caught.value.cure


def test_a_header_only_has_no_rows():
    assert rows_of("e-mail,name\n") == []


class TestBrokenRows:
    def test_a_quotation_mark_that_is_never_closed_costs_its_row_only(self):
        text = 'e-mail,name\na@b.org,"Ada\nb@b.org,Eve\nc@b.org,Joe\n'
        assert [row.cells for row in rows_of(text) if not row.problem] == [
            ["b@b.org", "Eve"],
            ["c@b.org", "Joe"],
        ]
        assert "quotation marks are broken" in problems_of(text)[2]

    def test_nor_does_one_that_meets_the_next_quoted_cell(self):
        text = 'e-mail,name\na@b.org,"Ada\nb@b.org,Eve\nc@b.org,"Joe, J."\n'
        assert list(problems_of(text)) == [2]
        assert cells_of(text)[-1] == ["c@b.org", "Joe, J."]

    def test_text_behind_a_closing_mark_is_no_csv(self):
        assert list(problems_of('a,b\n"1"x,2\n3,4\n')) == [2]

    def test_a_nul_byte_is_told(self):
        text = "a,b\n1,2\n3,\x004\n5,6\n"
        assert "NUL" in problems_of(text)[3]
        assert cells_of(text)[-1] == ["5", "6"]

    def test_lines_are_counted_as_people_see_them(self):
        text = 'a,b\r\n\r\n"x\r\ny",1\r\n"z"z,2\r\n3,4\r\n'
        assert [row.line for row in rows_of(text)] == [3, 5, 6]
        assert list(problems_of(text)) == [5]

    def test_old_line_ends_are_line_ends(self):
        assert cells_of("a,b\r1,2\r3,4") == [["1", "2"], ["3", "4"]]


class TestEnormousCells:
    @pytest.mark.parametrize("size", [4096, 64 * 1024, 512 * 1024])
    @pytest.mark.parametrize("quoted", [True, False])
    def test_one_of_10_mb_is_refused_with_its_line_in_flat_memory(self, size, quoted):
        mark = b'"' if quoted else b""

        def opened(offset):
            yield (b"e-mail,name\r\na@b.org,Ada\r\nb@b.org," + mark)[offset:]
            for _number in range(10 * 1024 * 1024 // size):
                yield b"x" * size
            yield mark + b"\r\nc@b.org,Joe\r\n"

        layout = layout_of(opened, Options())
        tracemalloc.start()
        rows = list(layout.records(opened))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert [(row.line, bool(row.problem)) for row in rows] == [
            (2, False),
            (3, True),
            (4, False),
        ]
        assert "longer than 100,000 characters" in rows[1].problem
        assert peak < 16 * 1024 * 1024

    def test_the_line_end_behind_it_may_be_cut_in_two(self):
        data = b"a,b\r\n1," + b"x" * 2_000_000 + b"\r\n3,4\r\n"
        cut = data.index(b"\r\n3") + 1

        def opened(offset):
            return iter([data[offset:cut], data[cut:]])

        rows = list(layout_of(opened, Options()).records(opened))
        assert [(row.line, row.cells) for row in rows] == [(2, []), (3, ["3", "4"])]

    def test_one_that_is_just_too_long_is_refused_as_well(self):
        text = f"a,b\n1,{'x' * 100_000}\n2,{'x' * 100_001}\n3,4\n"
        assert list(problems_of(text)) == [3]

    def test_one_with_many_lines_says_that_it_is_not_closed(self):
        text = 'a,b\n1,"' + "long line\n" * 20_000
        rows = rows_of(text)
        assert "not closed within" in rows[0].problem


NO_NUL = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(NO_NUL, min_size=width, max_size=width), max_size=8)
)


@settings(max_examples=300)
@given(
    table=TABLES,
    delimiter=st.sampled_from(sorted(CHARACTERS.values())),
    end=st.sampled_from(["\n", "\r\n"]),
    size=st.integers(1, 50),
    codec=st.sampled_from(["utf-8", "utf-16-le"]),
)
def test_what_a_csv_writer_wrote_comes_back(table, delimiter, end, size, codec):
    """And reading may stop behind any row and go on there."""
    file = io.StringIO(newline="")
    # A carriage return alone is only quoted by itself where the line ends have one.
    quoting = csv.QUOTE_MINIMAL if end == "\r\n" else csv.QUOTE_ALL
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(table)
    opened = opener(file.getvalue().encode(codec), size)
    found, place = [], Place()
    while True:
        records = Records(Lines(opened(place.offset), codec, place), delimiter)
        row = next(records, None)
        if row is None:
            break
        found.append(row.cells)
        place = records.place
    assert found == table
