"""Finding and loading the PKCS#11 module, and what it leaves behind."""

import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pkcs11_bench import SOFTHSM, SoftHsmReader

from kiosk import errors
from kiosk.card.cryptolib import VARIABLE, clear_cache, find_module
from kiosk.card.elf import is_cut
from kiosk.card.pkcs11 import Pkcs11Card

pytest_plugins = ("pkcs11_fixtures",)

NOTHING: Mapping[str, str] = {}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "libcarte.so"
    path.touch()
    return path


def test_the_setting_outranks_the_environment(library: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.so"
    other.touch()
    assert find_module(environ={VARIABLE: str(library)}) == library
    assert find_module(str(other), environ={VARIABLE: str(library)}) == other


@pytest.mark.parametrize("named", ["/nulle/part/lib.so", "libcarte.so", "./libcarte.so", "/"])
def test_a_named_module_that_is_no_file_is_told_by_its_name(
    named: str, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(library.parent)
    for setting, environ in ((named, NOTHING), ("", {VARIABLE: named})):
        with pytest.raises(errors.SettingsError) as caught:
            find_module(setting, environ=environ)
        assert named in caught.value.what


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("linux", "/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so"),
        ("darwin", "/usr/local/lib/libcps3_pkcs11_osx.dylib"),
        ("plan9", "plan9"),
    ],
)
def test_without_a_cryptolib_the_places_looked_at_are_told(platform: str, place: str) -> None:
    with pytest.raises(errors.SettingsError) as caught:
        find_module(environ=NOTHING, platform=platform)
    assert "Cryptolib" in caught.value.what
    assert place in caught.value.cause


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF" + bytes(4000), bytes(4096)])
def test_a_corrupt_module_is_told_by_its_path_and_cause(content: bytes, library: Path) -> None:
    library.write_bytes(content)
    with pytest.raises(errors.CardModuleUnusable) as caught:
        Pkcs11Card(library)
    path, _, reason = caught.value.cause.partition(" : ")
    assert path == str(library)
    assert reason


@pytest.mark.parametrize("part", range(1, 20))
def test_a_module_cut_short_does_not_kill_the_session(part: int, library: Path) -> None:
    whole = Path(SOFTHSM).read_bytes()
    library.write_bytes(whole[: len(whole) * part // 20])
    with pytest.raises(errors.CardModuleUnusable):
        Pkcs11Card(library)


@given(st.binary(max_size=200))
def test_any_head_of_a_library_is_read_or_refused(head: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\x7fELF" + head)
        file.flush()
        assert is_cut(Path(file.name)) in (True, False)


def test_a_module_that_vanished_since_it_was_found(library: Path) -> None:
    library.unlink()
    with pytest.raises(errors.CardModuleUnusable):
        Pkcs11Card(library)


def test_a_library_that_is_no_pkcs11_module(tmp_path: Path) -> None:
    source = tmp_path / "nothing.c"
    source.write_text("int nothing(void) { return 0; }\n")
    library = tmp_path / "libnothing.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    with pytest.raises(errors.CardModuleUnusable) as caught:
        Pkcs11Card(library)
    assert str(library) in caught.value.cause


def test_a_module_that_does_not_start(tmp_path: Path) -> None:
    source = tmp_path / "refuses.c"
    source.write_text(
        """
        static unsigned long no(void) { return 5; /* CKR_GENERAL_ERROR */ }
        static struct { unsigned char version[2]; unsigned long (*functions[68])(void); } list = {{2, 20}, {no}};
        unsigned long C_GetFunctionList(void **found) { *found = &list; return 0; }
        """
    )
    library = tmp_path / "librefuses.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    for _ in range(2):
        with pytest.raises(errors.CardModuleUnusable) as caught:
            Pkcs11Card(library)
        assert caught.value.detail == "GeneralError"


def test_a_module_loaded_before_a_fork_is_refused_in_the_child(softhsm: SoftHsmReader) -> None:
    program = """
        import os, sys
        from pathlib import Path
        from kiosk.card.pkcs11 import Pkcs11Card
        from kiosk.errors import CardModuleUnusable
        module = Path(sys.argv[1])
        parent = Pkcs11Card(module)
        child = os.fork()
        if not child:
            try:
                Pkcs11Card(module)
            except CardModuleUnusable as error:
                os._exit(error.detail == "loaded before fork")
            os._exit(2)
        _, status = os.waitpid(child, 0)
        parent.verify_pin(bytearray(b"1234"))
        assert parent.activities()
        sys.exit(os.waitstatus_to_exitcode(status) - 1)
    """
    softhsm.insert("cps-medecin")
    command = [sys.executable, "-c", textwrap.dedent(program), str(softhsm.module)]
    subprocess.run(command, check=True, timeout=60)


def test_importing_the_back_end_loads_no_module() -> None:
    program = """
        import kiosk.card.pkcs11, pkcs11, threading
        assert not pkcs11._loaded
        assert threading.active_count() == 1
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, timeout=60)


# --- the cache ----------------------------------------------------------------------------------------------


def test_the_cache_is_emptied_and_stays_there(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (cache / "carte" / "3F00").mkdir(parents=True)
    (cache / "carte" / "3F00" / "D120").write_bytes(b"private")
    (cache / "D121").write_bytes(b"private")
    assert clear_cache(cache)
    assert list(cache.iterdir()) == []
    assert clear_cache(cache)


def test_no_cache_at_all(tmp_path: Path) -> None:
    assert clear_cache(tmp_path / "absent")


def test_links_planted_in_the_cache_are_removed_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    cache = tmp_path / "cache"
    (cache / "carte").mkdir(parents=True)
    for link in (cache / "link", cache / "carte" / "link"):
        link.symlink_to(elsewhere)
    assert clear_cache(cache)
    assert list(cache.iterdir()) == []
    assert [path.name for path in elsewhere.iterdir()] == ["kept"]


def test_a_cache_that_is_itself_a_link_is_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (tmp_path / "cache").symlink_to(elsewhere)
    assert not clear_cache(tmp_path / "cache")
    assert (elsewhere / "kept").exists()


def test_what_cannot_be_removed_is_told_and_hinders_nothing_else() -> None:
    program = """
        import os, sys
        from pathlib import Path
        from kiosk.card.cryptolib import clear_cache
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        sys.exit(clear_cache(Path(sys.argv[1])) is not False)
    """
    with tempfile.TemporaryDirectory() as name:
        cache = Path(name)
        locked = cache / "locked"
        locked.mkdir()
        (locked / "kept").touch()
        (cache / "gone").touch()
        locked.chmod(0o555)
        cache.chmod(0o777)
        subprocess.run([sys.executable, "-c", textwrap.dedent(program), name], check=True, timeout=60)
        assert [path.name for path in cache.iterdir()] == ["locked"]
        locked.chmod(0o755)
