"""Where files to deposit come from: real folders, links, pipes, files that grow or vanish."""

import os
import unicodedata
from pathlib import Path

import pytest
from deposit_files import RTF, TEXT, pdfa, picture
from hypothesis import given
from hypothesis import strategies as st

from kiosk.deposit import source
from kiosk.deposit.source import Kind, Place, SourceFile
from kiosk.errors import FileUnreadable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scans"
    made.mkdir()
    return made


def names(folder: Path) -> list[str]:
    return [file.name for file in source.listing(Place("essai", folder)).files]


def only(folder: Path) -> SourceFile:
    (file,) = source.listing(Place("essai", folder)).files
    return file


def test_files_are_told_by_their_content_the_newest_first(folder: Path) -> None:
    contents = {
        "a.txt": pdfa(),
        "b.pdf": TEXT,
        "c": picture("JPEG"),
        "d.jpg": picture("TIFF"),
        "e.doc": RTF,
        "f.xml": b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>',
        "g.txt": "\ufeffGrand".encode("utf-16-le"),
    }
    for age, (name, content) in enumerate(contents.items()):
        (folder / name).write_bytes(content)
        os.utime(folder / name, (1_700_000_000 - age, 1_700_000_000 - age))
    found = source.listing(Place("essai", folder))
    assert [(file.name, file.kind) for file in found.files] == list(
        zip(contents, (Kind.PDF, Kind.TEXT, Kind.JPEG, Kind.TIFF, Kind.RTF, Kind.CDA, Kind.TEXT), strict=True)
    )
    assert found.others == 0
    assert [source.read(file) for file in found.files] == list(contents.values())


def test_what_the_dmp_does_not_take_is_counted_and_not_shown(folder: Path) -> None:
    (folder / "vide.pdf").write_bytes(b"")
    (folder / "page.html").write_bytes(b"<html><body>bonjour</body></html>")
    (folder / "programme").write_bytes(b"\x7fELF\x00\x01")
    (folder / "archive.zip").write_bytes(b"PK\x03\x04")
    (folder / ".cache").write_bytes(TEXT)
    (folder / "bon.txt").write_bytes(TEXT)
    found = source.listing(Place("essai", folder))
    assert [file.name for file in found.files] == ["bon.txt"]
    assert found.others == 4


def test_no_link_is_followed_and_no_special_file_opened(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_bytes(TEXT)
    outside = tmp_path / "ailleurs"
    outside.mkdir()
    (outside / "autre.txt").write_bytes(TEXT)
    (folder / "lien.txt").symlink_to(secret)
    (folder / "dossier").symlink_to(outside)
    os.mkfifo(folder / "tuyau.txt")
    assert names(folder) == []


def test_a_folder_exchanged_for_a_link_after_the_list_leads_nowhere(folder: Path, tmp_path: Path) -> None:
    (folder / "jour").mkdir()
    (folder / "jour" / "scan.txt").write_bytes(TEXT)
    file = only(folder)
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / "ailleurs" / "scan.txt").write_bytes(b"autre chose")
    (folder / "jour").rename(tmp_path / "parti")
    (folder / "jour").symlink_to(tmp_path / "ailleurs")
    with pytest.raises(FileUnreadable) as told:
        source.read(file)
    assert "plus là" in told.value.cause


def test_a_file_that_grows_is_told(folder: Path) -> None:
    (folder / "scan.txt").write_bytes(TEXT)
    file = only(folder)
    with (folder / "scan.txt").open("ab") as scanner:
        scanner.write(b"encore une page")
    with pytest.raises(FileUnreadable) as told:
        source.read(file)
    assert "l'écrit encore" in told.value.cause
    assert source.read(only(folder)).endswith(b"encore une page")


def test_a_file_that_vanishes_is_told(folder: Path) -> None:
    (folder / "scan.txt").write_bytes(TEXT)
    file = only(folder)
    (folder / "scan.txt").unlink()
    with pytest.raises(FileUnreadable) as told:
        source.read(file)
    assert "plus là" in told.value.cause


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable) as told:
        source.listing(Place("essai", tmp_path / "absent"))
    assert "n'existe pas" in told.value.cause


def test_errors_name_no_file(folder: Path) -> None:
    """A file's name often is the patient's."""
    (folder / "DUPONT Jeanne.txt").write_bytes(TEXT)
    file = only(folder)
    (folder / "DUPONT Jeanne.txt").unlink()
    with pytest.raises(FileUnreadable) as told:
        source.read(file)
    error = told.value
    assert "DUPONT" not in f"{error!r}{error}{error.what}{error.cause}{error.todo}{error.detail}{file!r}"


def test_a_typed_path_gives_its_file_and_nothing_of_the_kiosk_itself(folder: Path, tmp_path: Path) -> None:
    (folder / "scan.txt").write_bytes(TEXT)
    assert source.read(source.typed(f" {folder}/scan.txt ")) == TEXT
    state = tmp_path / "state"
    state.mkdir()
    (state / "note.txt").write_bytes(TEXT)
    (folder / "lien.txt").symlink_to(folder / "scan.txt")
    for wrong in (
        f"{state}/note.txt",
        f"{folder}/../state/note.txt",
        f"{folder}/lien.txt",
        f"{folder}",
        f"{folder}/absent.txt",
        "scan.txt",
        "",
        "\0",
    ):
        with pytest.raises(FileUnreadable):
            source.typed(wrong, closed=(state,))


def test_a_typed_path_to_another_format_is_told(folder: Path) -> None:
    (folder / "programme").write_bytes(b"\x7fELF\x00")
    with pytest.raises(FileUnreadable) as told:
        source.typed(f"{folder}/programme")
    assert "format" in told.value.cause


def test_plugged_media_are_places_with_their_names(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "40 22 8:17 / /media/marie/CLE\\040ROUGE rw,nosuid - vfat /dev/sdb1 rw\n"
        "41 22 8:18 / /run/media/marie/USB rw - exfat /dev/sdc1 rw\n"
        "42 22 8:19 / /mediatheque rw - ext4 /dev/sdd1 rw\n"
        "broken line\n"
    )
    found = source.places(tmp_path, mounts)
    assert [(place.label, place.path) for place in found] == [
        ("Dossier de numérisation", tmp_path),
        ("Clé « CLE ROUGE »", Path("/media/marie/CLE ROUGE")),
        ("Clé « USB »", Path("/run/media/marie/USB")),
    ]
    assert source.places(None, tmp_path / "absent") == ()


def test_a_list_is_bounded(folder: Path) -> None:
    for number in range(source.MOST + 5):
        (folder / f"{number}.txt").write_bytes(TEXT)
    found = source.listing(Place("essai", folder))
    assert len(found.files) == source.MOST
    assert found.more


@given(st.binary(max_size=300))
def test_any_head_is_of_one_kind_or_none(head: bytes) -> None:
    assert source.kind_of(head) in (*Kind, None)


@given(
    st.text(st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)), min_size=1, max_size=60)
)
def test_a_name_is_safe_to_show(name: str) -> None:
    shown = SourceFile(Place("", Path()), (name,), Kind.PDF, 1, source.datetime.now(source.UTC)).name
    assert not [character for character in shown if unicodedata.category(character) in ("Cc", "Zl", "Zp")]
    assert not {"\u202e", "\u2066", "\u200f"} & set(shown)
