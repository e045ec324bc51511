"""The DMP's public parameter file: what is read in it, how it is fetched, and who is a minor."""

import hashlib
import ssl
import stat
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_peer import Authority, WebPeer, answer, web_peer

from kiosk.errors import ParametersUnusable, SettingsError
from kiosk.parameters.file import LARGEST, ParameterFile, Parameters, is_minor, read
from kiosk.parameters.templates import State, Template
from kiosk.settings import load

HASH = "0123456789abcdef" * 4

# --- reading ----------------------------------------------------------------------------------------------

SHAPES = {
    "elements": """<p><fonctions-gestion-mineurs>true</fonctions-gestion-mineurs>
        <age-majorite>16</age-majorite><cumul-invisible_patient-masque_ps>true</cumul-invisible_patient-masque_ps>
        <environnement>PRODUCTION</environnement></p>""",
    "attributes of the root": """<p Fonctions-Gestion-Mineurs="TRUE" AGE-MAJORITE=" 16 "
        cumul-invisible_patient-masque_ps="1" environnement="prod"/>""",
    "name and value attributes": """<p xmlns="urn:x"><param name="fonctions-gestion-mineurs" value="true"/>
        <a><b><param name="age-majorite" value="16">Âge de la majorité</param></b></a>
        <param name="cumul-invisible_patient-masque_ps" value="oui"/><param name="production" value="true"/></p>""",
    "a name attribute over a text": """<properties><entry key="fonctions-gestion-mineurs">true</entry>
        <entry key="age-majorite">16</entry><entry key="cumul-invisible_patient-masque_ps">true</entry>
        <entry key="production">true</entry></properties>""",
    "name and value elements": """<liste><parametre><nom>fonctions-gestion-mineurs</nom><valeur>vrai</valeur>
        </parametre><parametre><nom>age-majorite</nom><valeur>16</valeur><libelle>x</libelle></parametre>
        <parametre><valeur>true</valeur><nom>cumul-invisible_patient-masque_ps</nom></parametre>
        <parametre><nom>plateforme</nom><valeur>Production</valeur></parametre></liste>""",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_says_the_same(shape: str) -> None:
    expected = Parameters(manages_minors=True, majority_age=16, hidden_and_invisible=True, production=True)
    assert read(SHAPES[shape].encode()) == expected


def test_what_is_missing_keeps_its_default_and_what_is_unknown_is_left_out() -> None:
    found = read(
        b"<p><fonctions-gestion-mineurs>false</fonctions-gestion-mineurs><new><thing>7</thing></new></p>"
    )
    assert found == Parameters(manages_minors=False, majority_age=18, hidden_and_invisible=False)


@pytest.mark.parametrize(
    ("text", "production"),
    [("PRODUCTION", True), ("test", False), ("Pré-production", False), ("blue", None)],
)
def test_which_service_the_file_speaks_for(text: str, production: bool | None) -> None:
    xml = f"<p><age-majorite>18</age-majorite><environnement>{text}</environnement></p>"
    assert read(xml.encode()).production is production


@pytest.mark.parametrize(
    "xml",
    [
        f"""<p><age-majorite>18</age-majorite><param-document-des-secrets><url>https://www.example.org/secrets.pdf
            </url><empreinte>{HASH.upper()}</empreinte></param-document-des-secrets></p>""",
        f"""<p><age-majorite>18</age-majorite><parametre nom="url-document-des-secrets"
            valeur="https://www.example.org/secrets.pdf"/><parametre nom="hash-document-des-secrets"
            valeur="{HASH}"/></p>""",
        f"""<p age-majorite="18"><document nom="Document des secrets" url="https://www.example.org/secrets.pdf"
            sha256="{HASH}"/></p>""",
    ],
)
def test_a_template_has_its_address_and_its_hash(xml: str) -> None:
    (template,) = read(xml.encode()).templates
    assert template == Template("document-des-secrets", "https://www.example.org/secrets.pdf", HASH)


def test_a_template_comes_by_https_or_not_at_all() -> None:
    xml = b"""<p><age-majorite>18</age-majorite><accuse-creation>https://www.example.org/a.pdf</accuse-creation>
        <document-des-secrets>http://www.example.org/s.pdf</document-des-secrets></p>"""
    assert read(xml).templates == (Template("accuse-de-creation", "https://www.example.org/a.pdf", ""),)


@pytest.mark.parametrize(
    "xml",
    [
        "<p><age-majorite>-3</age-majorite></p>",
        "<p><age-majorite>1000000000</age-majorite></p>",
        "<p><age-majorite>0</age-majorite></p>",
        "<p><age-majorite>dix-huit</age-majorite></p>",
        "<p><age-majorite>\u0661\u0668</age-majorite></p>",
        "<p><age-majorite>16</age-majorite><age-majorite>18</age-majorite></p>",
        "<p><fonctions-gestion-mineurs>maybe</fonctions-gestion-mineurs></p>",
        "<p><cumul-invisible_patient-masque_ps>2</cumul-invisible_patient-masque_ps></p>",
        "<html><body>Maintenance</body></html>",
        "<p/>",
        "",
        "Bad Request",
        '<!DOCTYPE p [<!ENTITY a "18">]><p><age-majorite>&a;</age-majorite></p>',
    ],
)
def test_what_makes_no_sense_is_refused(xml: str) -> None:
    with pytest.raises(ParametersUnusable):
        read(xml.encode())


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_otherwise(document: bytes) -> None:
    refused_or_read(document)


_NAMES = st.sampled_from(
    [
        "fonctions-gestion-mineurs",
        "age-majorite",
        "cumul-invisible_patient-masque_ps",
        "production",
        "secrets",
    ]
)
_TEXTS = st.one_of(
    st.sampled_from(["true", "false", "18", "21", "-3", "1" * 40, "https://www.example.org/a", HASH]),
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=20),
)
_TREES = st.recursive(
    st.one_of(
        st.builds(lambda n, t: f"<{n}>{escape(t)}</{n}>", _NAMES, _TEXTS),
        st.builds(lambda n, t: f"<x name={quoteattr(n)} value={quoteattr(t)}/>", _NAMES, _TEXTS),
        st.builds(lambda n, t: f"<x><nom>{n}</nom><valeur>{escape(t)}</valeur></x>", _NAMES, _TEXTS),
        st.builds(lambda n, t: f"<x {n}={quoteattr(t)}/>", _NAMES, _TEXTS),
    ),
    lambda inner: st.lists(inner, max_size=4).map(lambda parts: f"<y>{''.join(parts)}</y>"),
    max_leaves=8,
)


@given(_TREES)
def test_whatever_the_tree_the_values_make_sense(tree: str) -> None:
    refused_or_read(tree.encode())


@given(
    st.booleans(),
    st.integers(10, 30),
    st.booleans(),
    st.permutations(range(3)),
    st.sampled_from([str, str.upper]),
)
def test_what_is_written_is_read(minors, age, both, order, spelled) -> None:
    values = [
        ("fonctions-gestion-mineurs", str(minors)),
        ("age-majorite", str(age)),
        ("cumul-invisible_patient-masque_ps", str(both).lower()),
    ]
    parts = [f"<{spelled(values[i][0])}>{values[i][1]}</{spelled(values[i][0])}>" for i in order]
    found = read(f"<p>{''.join(parts)}</p>".encode())
    assert (found.manages_minors, found.majority_age, found.hidden_and_invisible) == (minors, age, both)


def refused_or_read(document: bytes) -> None:
    try:
        found = read(document)
    except ParametersUnusable:
        return
    assert 10 <= found.majority_age <= 30
    assert isinstance(found.manages_minors, bool)
    assert found.fetched_at is None
    assert all(t.url.startswith("https://") and len(t.sha256) in (0, 64) for t in found.templates)


# --- minors -----------------------------------------------------------------------------------------------

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("birth_date", "minor"),
    [
        ("20080303", True),  # eighteen tomorrow
        ("20080302", False),  # eighteen today
        ("20080301", False),
        ("20260302", True),
        ("19301231", False),
        ("20080200", False),  # lunar: eighteen whichever day it was
        ("20080300", None),  # … or not
        ("20080400", True),
        ("20070000", False),
        ("20080000", None),
        ("20080020", None),
        ("20082000", None),
        ("20100000", True),
        ("20100020", True),
        ("2000", False),
        ("2020", True),
        ("080303", None),  # 2008, or 1908
        ("260303", False),  # 2026 is still to come: 1926
        ("750612", False),
        ("20260303", None),  # not born yet
        ("", None),
        ("00000000", None),
        ("inconnue", None),
        ("\u0662\u0660\u0661\u0660\u0660\u0661\u0660\u0661", None),
    ],
)
def test_who_is_a_minor(birth_date: str, minor: bool | None) -> None:
    assert is_minor(birth_date, TODAY, Parameters()) is minor


def test_the_service_decides_the_age_and_whether_it_matters() -> None:
    assert is_minor("20090601", TODAY, Parameters(majority_age=16)) is False
    assert is_minor("20090601", TODAY, Parameters(majority_age=18)) is True
    assert is_minor("20200101", TODAY, Parameters(manages_minors=False)) is False


@pytest.mark.parametrize(("today", "minor"), [(date(2026, 2, 28), True), (date(2026, 3, 1), False)])
def test_born_on_the_29th_of_february(today: date, minor: bool) -> None:
    assert is_minor("20080229", today, Parameters()) is minor


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.integers(10, 30),
)
def test_whole_dates_are_always_decided(born: date, today: date, age: int) -> None:
    minor = is_minor(born.strftime("%Y%m%d"), today, Parameters(majority_age=age))
    if born > today:
        assert minor is None
    elif born.month < today.month:
        assert minor is (today.year - born.year < age)
    else:
        assert minor is not None


@given(st.text(max_size=10), st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_any_text_is_answered(text: str, today: date) -> None:
    assert is_minor(text, today, Parameters()) in (True, False, None)


# --- the copy ---------------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 2, 8, 15, 30, tzinfo=UTC)
GOOD = b"<p><fonctions-gestion-mineurs>false</fonctions-gestion-mineurs><age-majorite>16</age-majorite></p>"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("web"))


@pytest.fixture
def server(authority: Authority) -> Iterator[WebPeer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.chain)
    with web_peer(context) as peer:
        peer.play = lambda target: answer(GOOD)
        yield peer


Kept = Callable[..., ParameterFile]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, authority: Authority, server: WebPeer, clock: Clock) -> Kept:
    """`kept()`: a parameter file as a kiosk that has just started would build it."""

    def make(**changed: object) -> ParameterFile:
        options = {"url": server.url("/param-lps"), "roots": authority.roots, "seconds": 10.0} | changed
        return ParameterFile(tmp_path / "state" / "parameters", clock=clock, **options)  # type: ignore[arg-type]

    return make


def test_never_fetched_gives_the_defaults(kept: Kept) -> None:
    assert kept().current() == Parameters()


def test_fetched_once_kept_for_the_next_start(kept: Kept, server: WebPeer, tmp_path: Path) -> None:
    first = kept()
    assert first.refresh_if_old() is None
    expected = Parameters(manages_minors=False, majority_age=16, fetched_at=NOW)
    assert first.current() == expected
    assert kept().current() == expected
    (copy,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert server.targets == ["/param-lps"]


def test_another_process_s_copy_is_seen(kept: Kept) -> None:
    watching = kept()
    assert watching.current() == Parameters()
    assert kept().refresh_if_old() is None
    assert watching.current().majority_age == 16


def test_asked_again_after_a_week_only(kept: Kept, server: WebPeer, clock: Clock) -> None:
    file = kept()
    assert file.refresh_if_old() is None
    clock.now += timedelta(days=6, hours=23)
    assert file.refresh_if_old() is None
    assert len(server.targets) == 1
    clock.now += timedelta(hours=1)
    server.play = lambda target: answer(GOOD.replace(b"16", b"15"))
    assert file.refresh_if_old() is None
    assert len(server.targets) == 2
    assert kept().current().majority_age == 15


def test_a_copy_from_the_future_is_old(kept: Kept, server: WebPeer, clock: Clock) -> None:
    clock.now += timedelta(days=400)
    assert kept().refresh_if_old() is None
    clock.now = NOW
    assert kept().refresh_if_old() is None
    assert len(server.targets) == 2


def test_a_copy_of_another_address_does_not_count(kept: Kept, server: WebPeer) -> None:
    assert kept().refresh_if_old() is None
    assert kept(url=server.url("/other")).current() == Parameters()


BAD_ANSWERS = {
    "an error": answer(b"<p/>", "400 Bad Request"),
    "a page": answer(b"<html><body>Maintenance</body></html>"),
    "an absurd age": answer(b"<p><age-majorite>-3</age-majorite></p>"),
    "too large": answer(GOOD[:-4] + b" " * LARGEST + b"</p>"),
    "without end": answer(b"<p>", "200 OK", "Transfer-Encoding: chunked"),
    "cut": answer(GOOD, "200 OK", "Content-Length: 5000"),
    "no HTTP": b"SSH-2.0-hello\r\n",
    "silence": b"",
    "a loop": answer(b"", "302 Found", "Location: /param-lps"),
    "plain http": answer(b"", "302 Found", "Location: http://localhost/param-lps"),
    "another domain": answer(b"", "302 Found", "Location: https://www.example.org/param-lps"),
    "nowhere": answer(b"", "302 Found"),
}


@pytest.mark.parametrize("bad", BAD_ANSWERS)
def test_an_error_is_told_and_loses_nothing(kept: Kept, server: WebPeer, clock: Clock, bad: str) -> None:
    file = kept()
    assert file.refresh_if_old() is None
    before = file.current()
    clock.now += timedelta(days=8)
    server.play = lambda target: BAD_ANSWERS[bad]
    problem = file.refresh_if_old()
    assert isinstance(problem, ParametersUnusable)
    assert problem.what
    assert problem.cause
    assert file.current() == kept().current() == before
    server.play = lambda target: answer(GOOD)
    assert file.refresh_if_old() is None


def test_redirections_are_followed(kept: Kept, server: WebPeer) -> None:
    steps = {"/param-lps": "/a", "/a": f"https://localhost:{server.port}/b?c=d", "/b?c=d": "/e"}

    def play(target: str) -> bytes:
        if target in steps:
            return answer(b"", "301 Moved Permanently", f"Location: {steps[target]}")
        return answer(GOOD)

    server.play = play
    assert kept().refresh_if_old() is None
    assert server.targets == ["/param-lps", "/a", "/b?c=d", "/e"]


def test_five_redirections_and_no_more(kept: Kept, server: WebPeer) -> None:
    server.play = lambda target: answer(b"", "307 Temporary Redirect", f"Location: {target}x")
    assert kept().refresh_if_old() is not None
    assert len(server.targets) == 6


def test_a_server_that_drips_is_left_at_the_deadline(kept: Kept, server: WebPeer) -> None:
    server.drip = True
    assert isinstance(kept(seconds=1.0).refresh_if_old(), ParametersUnusable)


def test_an_unknown_authority_is_not_trusted(kept: Kept, server: WebPeer, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    problem = kept(roots=Authority(other).roots).refresh_if_old()
    assert problem is not None
    assert "DMP-014" in problem.detail
    assert server.targets == []


def test_missing_authorities_are_told(kept: Kept, tmp_path: Path) -> None:
    problem = kept(roots=tmp_path / "none.pem").refresh_if_old()
    assert problem is not None
    assert "DMP-014" in problem.detail


def test_tls_1_1_is_refused(kept: Kept, server: WebPeer) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        server.context.minimum_version = ssl.TLSVersion.TLSv1
        server.context.maximum_version = ssl.TLSVersion.TLSv1_1
        server.context.set_ciphers("ALL:@SECLEVEL=0")
    problem = kept().refresh_if_old()
    assert problem is not None
    assert "DMP-011" in problem.detail
    assert server.targets == []


def test_no_address_asks_nobody(kept: Kept) -> None:
    file = kept(url="")
    assert file.refresh_if_old() is None
    assert file.current() == Parameters()


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"2026-03-02T08:15:30+00:00 https://x\n", b"\xff" * 5000]
)
def test_a_damaged_copy_counts_as_none(kept: Kept, tmp_path: Path, content: bytes) -> None:
    file = kept()
    assert file.refresh_if_old() is None
    (tmp_path / "state" / "parameters").write_bytes(content)
    fresh = kept()
    assert fresh.current() == Parameters()
    assert file.current().majority_age == 16
    assert fresh.refresh_if_old() is None
    assert fresh.current().majority_age == 16


def test_a_disk_that_takes_nothing_is_told_and_the_new_ones_hold(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    file = kept()
    problem = file.refresh_if_old()
    assert problem is not None
    assert "écrite" in problem.cause
    assert file.current().majority_age == 16


# --- the forms the service publishes ------------------------------------------------------------------------

FORM = b"%PDF-1.7 un formulaire"
LABEL = "document des secrets"


def announcing(server: WebPeer, content: bytes, sha256: str | None = None) -> bytes:
    digest = hashlib.sha256(content).hexdigest() if sha256 is None else sha256
    form = f'<document nom="Document des secrets" url="{server.url("/form")}" sha256="{digest}"/>'
    return GOOD.replace(b"</p>", f"{form}</p>".encode())


def serve(server: WebPeer, parameters: bytes, form: bytes) -> None:
    server.play = lambda target: answer(form if target == "/form" else parameters)


def learnt(file: ParameterFile) -> dict[str, State]:
    assert file.refresh_if_old() is None
    file.refresh_templates()
    return file.template_states()


def test_ex_1_x_1400_a_form_as_announced_is_kept_and_asked_for_once(kept: Kept, server: WebPeer) -> None:
    serve(server, announcing(server, FORM), FORM)
    assert learnt(kept()) == {LABEL: State.AS_ANNOUNCED}
    assert learnt(kept()) == {LABEL: State.AS_ANNOUNCED}
    assert server.targets.count("/form") == 1


def test_ex_1_x_1410_a_new_version_is_there_within_the_week(
    kept: Kept, server: WebPeer, clock: Clock
) -> None:
    serve(server, announcing(server, FORM), FORM)
    learnt(kept())
    serve(server, announcing(server, FORM + b" 2"), FORM + b" 2")
    clock.now += timedelta(days=7)
    assert learnt(kept()) == {LABEL: State.AS_ANNOUNCED}
    assert server.targets.count("/form") == 2


BAD_FORMS = {
    "another content": answer(b"autre chose"),
    "an error": answer(b"", "404 Not Found"),
    "cut": answer(FORM, "200 OK", "Content-Length: 5000"),
    "silence": b"",
}


@pytest.mark.parametrize("bad", BAD_FORMS)
def test_a_form_that_is_not_as_announced_is_told_and_the_last_good_one_stays(
    kept: Kept, server: WebPeer, clock: Clock, bad: str
) -> None:
    serve(server, announcing(server, FORM), FORM)
    learnt(kept())
    newer = announcing(server, FORM + b" 2")
    server.play = lambda target: BAD_FORMS[bad] if target == "/form" else answer(newer)
    clock.now += timedelta(days=8)
    assert learnt(kept()) == {LABEL: State.UNVERIFIED}
    serve(server, announcing(server, FORM), b"")  # the former one again: it is still here
    clock.now += timedelta(days=8)
    assert learnt(kept()) == {LABEL: State.AS_ANNOUNCED}


def test_a_form_without_a_hash_is_never_fetched(kept: Kept, server: WebPeer) -> None:
    serve(server, announcing(server, FORM, sha256=""), FORM)
    assert learnt(kept()) == {LABEL: State.UNVERIFIED}
    assert server.targets == ["/param-lps"]


def test_no_file_announces_no_form(kept: Kept) -> None:
    assert kept().template_states() == {}


# --- the setting ------------------------------------------------------------------------------------------

SETTINGS = """\
[station]
name = "Accueil 1"
post = "accueil"

[dmp]
profile = "current"
environment = "test"
url = "https://dmp.example.org/services"
roots = "roots.pem"
installation_oid = "1.2.250.1.999.2"
homologation = "TEST"
"""


def test_the_address_is_a_setting_and_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "roots.pem").write_text("")
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS)
    assert load(path).parameters_url == ""
    path.write_text(SETTINGS + 'parameters_url = "https://www.example.org/param-lps"\n')
    assert load(path).parameters_url == "https://www.example.org/param-lps"
    path.write_text(SETTINGS + 'parameters_url = "http://www.example.org/param-lps"\n')
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert "ligne 12" in caught.value.what
