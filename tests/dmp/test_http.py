"""The channel against real TLS servers that behave, and servers that do not."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from dmp_peers import (
    Peer,
    TlsWithoutCard,
    authority,
    card_tls,
    http_answer,
    key,
    peer,
    serve,
    server_context,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.card.tls import CardContext
from kiosk.dmp.connection import Answer
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.redirection import registered_domain
from kiosk.errors import (
    AnswerCut,
    AnswerUnreadable,
    Cancelled,
    CardRemoved,
    ClientCertificateRefused,
    KioskError,
    ServerNotTrusted,
    ServerTooSlow,
    ServerUnreachable,
)

BODY = b"<soap:Envelope/>"


def post(channel: HttpsChannel, *, repeatable: bool = True) -> Answer:
    return channel.post("/patients", "application/soap+xml", BODY, repeatable=repeatable)


Open = Callable[..., HttpsChannel]


@pytest.fixture
def open_channel() -> Iterator[Open]:
    """`HttpsChannel(…)`, closed at the end of the test."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(closing(HttpsChannel(*args, **options)))


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, CardContext]:
    """Server and client side of one PKI."""
    return server_context(tmp_path), card_tls(tmp_path)


def hello(head: bytes, body: bytes) -> bytes:
    return http_answer(b"<hello/>")


# --- when all goes well -----------------------------------------------------------------------------------


def test_a_fault_with_http_500_is_an_answer(tls, open_channel):
    date = "Date: Mon, 02 Mar 2026 08:15:30 GMT"
    with peer(tls[0], serve(lambda *_: http_answer(b"<fault/>", "500 Oops", date))) as server:
        answer = post(open_channel(server.url(), tls[1]))
    assert (answer.status, answer.body) == (500, b"<fault/>")
    assert answer.date == datetime.datetime(2026, 3, 2, 8, 15, 30, tzinfo=datetime.UTC)


def test_what_the_server_reads(tls, open_channel):
    with peer(tls[0], serve(hello)) as server:
        post(open_channel(server.url() + "/", tls[1]))
    head, body = server.requests[0]
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /si-dmp-server/v2/services/patients HTTP/1.1"
    assert f"Host: localhost:{server.port}" in lines
    assert "Content-Type: application/soap+xml" in lines
    assert "Accept-Encoding: identity" in lines
    assert body == BODY


def test_chunked_answers_are_read(tls, open_channel):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a/\r\n1\r\n>\r\n0\r\n\r\n"
    with peer(tls[0], serve(lambda *_: chunked)) as server:
        assert post(open_channel(server.url(), tls[1])).body == b"<a/>"


def test_the_server_name_is_sent_ex_0_x_1031(tls, open_channel):
    asked: list[str | None] = []
    tls[0].sni_callback = lambda _socket, server_name, _context: asked.append(server_name)
    with peer(tls[0], serve(hello)) as server:
        post(open_channel(server.url(), tls[1]))
    assert asked == ["localhost"]


def test_repeatable_calls_share_one_connection(tls, open_channel):
    with peer(tls[0], serve(hello)) as server:
        channel = open_channel(server.url(), tls[1])
        for _ in range(3):
            post(channel)
    assert len(server.requests) == 3
    assert server.handshakes == [False]


def test_a_call_that_must_not_be_repeated_opens_a_resumed_connection(tls, open_channel):
    with peer(tls[0], serve(hello)) as server:
        channel = open_channel(server.url(), tls[1])
        post(channel)
        post(channel, repeatable=False)
        post(channel, repeatable=False)
    assert server.handshakes == [False, True, True]
    assert tls[1].signatures == 1


def test_a_closed_channel_can_be_used_again(tls, open_channel):
    with peer(tls[0], serve(hello)) as server:
        channel = open_channel(server.url(), tls[1])
        post(channel)
        channel.close()
        assert post(channel).status == 200
    assert len(server.handshakes) == 2


def test_connection_close_is_honoured_rec_0_x_1035(tls, open_channel):
    def script(sock: ssl.SSLSocket, own: Peer) -> None:
        own.receive(sock)
        sock.sendall(http_answer(b"<hello/>", "200 OK", "Connection: close"))

    with peer(tls[0], script) as server:
        channel = open_channel(server.url(), tls[1])
        post(channel)
        post(channel)
    assert server.handshakes == [False, True]


# --- connections the server forgot ------------------------------------------------------------------------


def test_a_connection_closed_while_idle_is_replaced_rec_0_x_1035(tls, open_channel):
    def script(sock: ssl.SSLSocket, own: Peer) -> None:
        own.receive(sock)
        sock.sendall(http_answer(b"<hello/>"))
        sock.unwrap()  # close_notify, and wait for the client's own

    with peer(tls[0], script) as server:
        channel = open_channel(server.url(), tls[1])
        post(channel)
        post(channel)
    assert len(server.requests) == 2


def forgetful(sock: ssl.SSLSocket, own: Peer) -> None:
    """Answers the first request of a connection, reads the second and hangs up."""
    own.receive(sock)
    sock.sendall(http_answer(b"<hello/>"))
    own.receive(sock)


def test_a_kept_connection_that_dies_under_a_repeatable_call_costs_one_repetition(tls, open_channel):
    with peer(tls[0], forgetful) as server:
        channel = open_channel(server.url(), tls[1])
        post(channel)
        assert post(channel).status == 200
    assert len(server.requests) == 3


def hang_up(sock: ssl.SSLSocket, own: Peer) -> None:
    own.receive(sock)


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_new_connection_that_dies_is_never_tried_again(tls, repeatable, open_channel):
    with peer(tls[0], hang_up) as server, pytest.raises(AnswerCut):
        post(open_channel(server.url(), tls[1]), repeatable=repeatable)
    assert len(server.requests) == 1


# --- answers that are none --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<half", AnswerCut),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n<half", AnswerCut),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<half", AnswerCut),
        (b"\x00\xff\x00 garbage\r\n\r\n", AnswerUnreadable),
        (b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n", AnswerUnreadable),
        (b"HTTP/1.1 200 " + b"O" * 100_000 + b"\r\n\r\n", AnswerUnreadable),
    ],
)
def test_cut_or_garbled_answers(tls, sent, error, open_channel):
    def script(sock: ssl.SSLSocket, own: Peer) -> None:
        own.receive(sock)
        sock.sendall(sent)

    with peer(tls[0], script) as server, pytest.raises(error) as raised:
        post(open_channel(server.url(), tls[1]))
    assert "garbage" not in str(raised.value)


@pytest.mark.parametrize("head", [b"Content-Length: 99999999999\r\n\r\n", b"\r\n"])
def test_a_huge_answer_is_left_unread(tls, head, open_channel):
    def script(sock: ssl.SSLSocket, own: Peer) -> None:
        own.receive(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n" + head)
        while True:  # until the client hangs up
            sock.sendall(b"x" * 65536)

    with peer(tls[0], script) as server, pytest.raises(AnswerUnreadable):
        post(open_channel(server.url(), tls[1], max_answer=1_000_000))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prefix=st.sampled_from([b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 307 x\r\nLocation: "]),
    rest=st.binary(max_size=200),
)
def test_whatever_comes_back_is_an_answer_or_an_error_of_the_kiosk(tls, prefix, rest, open_channel):
    def script(sock: ssl.SSLSocket, own: Peer) -> None:
        own.receive(sock)
        sock.sendall(prefix + rest)

    with peer(tls[0], script) as server, suppress(KioskError):
        assert isinstance(post(open_channel(server.url(), tls[1])), Answer)


# --- time and the user ------------------------------------------------------------------------------------


def ends(call: Callable[[], object]) -> BaseException:
    """What `call` raises within ten seconds, in a thread of its own."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    return raised[0]


def drip(sock: ssl.SSLSocket, own: Peer) -> None:
    own.receive(sock)
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not own.closing.wait(0.02):
        sock.sendall(b"x")


def test_a_server_that_drips_is_ended_at_the_deadline(tls, open_channel):
    with peer(tls[0], drip) as server:
        channel = open_channel(server.url(), tls[1], call_seconds=0.5)
        assert isinstance(ends(lambda: post(channel)), ServerTooSlow)


def silent(sock: ssl.SSLSocket, own: Peer) -> None:
    own.receive(sock)
    own.moment.set()
    own.closing.wait(10)


def test_a_server_that_never_answers_leaves_the_outcome_unknown(tls, open_channel):
    with peer(tls[0], silent) as server:
        channel = open_channel(server.url(), tls[1], call_seconds=0.5)
        assert isinstance(ends(lambda: post(channel, repeatable=False)), ServerTooSlow)
    assert len(server.requests) == 1


@pytest.fixture
def mute() -> socket.socket:
    """Accepts TCP (the kernel does) and never says a word of TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_a_deadline_during_the_handshake_means_nothing_was_sent(tls, mute, open_channel):
    channel = open_channel(f"https://localhost:{mute.getsockname()[1]}/", tls[1], call_seconds=0.3)
    assert isinstance(ends(lambda: post(channel)), ServerUnreachable)


def test_cancel_from_another_thread_once_the_request_has_left(tls, open_channel):
    with peer(tls[0], silent) as server:
        channel = open_channel(server.url(), tls[1])
        user = threading.Thread(target=lambda: server.moment.wait(10) and channel.cancel())
        user.start()
        error = ends(lambda: post(channel))
        user.join(10)
    assert isinstance(error, Cancelled)
    assert "vérifiera" in error.todo  # the outcome is unknown


def test_cancel_during_the_handshake(tls, mute, open_channel):
    channel = open_channel(f"https://localhost:{mute.getsockname()[1]}/", tls[1])

    def give_up() -> None:
        connection, _ = mute.accept()
        with connection:
            connection.recv(1)  # the client's hello: it waits for ours
            channel.cancel()
            connection.recv(65536)

    user = threading.Thread(target=give_up, daemon=True)
    user.start()
    error = ends(lambda: post(channel))
    user.join(10)
    assert isinstance(error, Cancelled)
    assert error.todo == Cancelled.todo


def test_cancel_without_a_call_is_nothing(tls, open_channel):
    with peer(tls[0], serve(hello)) as server:
        channel = open_channel(server.url(), tls[1])
        channel.cancel()
        assert post(channel).status == 200


@pytest.fixture
def stuck_resolver(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A name server that does not answer. The event says that it was asked."""
    asked, leave = threading.Event(), threading.Event()

    def getaddrinfo(*_args: object, **_options: object) -> list[object]:
        asked.set()
        leave.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield asked
    leave.set()


def test_a_resolver_that_hangs_does_not_outlive_the_deadline(tls, stuck_resolver, open_channel):
    with pytest.raises(ServerUnreachable):
        post(open_channel("https://dmp.example.org/", tls[1], call_seconds=0.3))


def test_a_resolver_that_hangs_can_be_cancelled(tls, stuck_resolver, open_channel):
    channel = open_channel("https://dmp.example.org/", tls[1])
    threading.Thread(target=lambda: stuck_resolver.wait(10) and channel.cancel(), daemon=True).start()
    assert isinstance(ends(lambda: post(channel)), Cancelled)


# --- nobody there, or not the one ------------------------------------------------------------------------


def test_nobody_listens(tls, open_channel):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ServerUnreachable):
        post(open_channel(f"https://localhost:{port}/", tls[1]))


def test_a_host_name_that_cannot_be_one(tls, open_channel):
    with pytest.raises(ServerUnreachable):
        post(open_channel(f"https://{'x' * 70}.example.org/", tls[1]))


@pytest.mark.parametrize(
    ("leaf", "cause"),
    [
        ({"days": (-30, -1)}, "expiré"),
        ({"days": (2, 30)}, "pas encore valable"),
        ({"names": ("other.example.org",)}, "autre nom"),
        ({"issuer": "foreign"}, "autorité inconnue"),
    ],
)
def test_0_1_050_a_server_that_does_not_prove_itself_gets_nothing(tmp_path, leaf, cause, open_channel):
    context = server_context(tmp_path, **leaf)
    with peer(context, serve(hello)) as server, pytest.raises(ServerNotTrusted) as raised:
        post(open_channel(server.url(), card_tls(tmp_path)))
    assert cause in raised.value.cause
    assert server.requests == []


def test_0_1_050_the_common_name_alone_is_not_enough(tmp_path, open_channel):
    context = server_context(tmp_path, names=())
    with peer(context, serve(hello)) as server, pytest.raises(ServerNotTrusted):
        post(open_channel(server.url(), card_tls(tmp_path)))


def revoking(serial: int, directory: Path) -> Path:
    now = datetime.datetime.now(datetime.UTC)
    one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority().subject)
        .last_update(now - datetime.timedelta(hours=1))
        .next_update(now + datetime.timedelta(days=1))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key("ca").public_key()), False)
        .add_extension(x509.CRLNumber(1), False)
        .add_revoked_certificate(one)
        .sign(key("ca"), hashes.SHA256())
    )
    file = directory / "crl.pem"
    file.write_bytes(crl.public_bytes(serialization.Encoding.PEM))
    return file


def test_a_revoked_server_is_refused_rec_0_x_1090(tmp_path, open_channel):
    context = server_context(tmp_path)
    served = x509.load_pem_x509_certificate((tmp_path / "server.pem").read_bytes())
    strict = card_tls(tmp_path, crl=revoking(served.serial_number, tmp_path))
    with peer(context, serve(hello)) as server, pytest.raises(ServerNotTrusted) as raised:
        post(open_channel(server.url(), strict))
    assert "révoqué" in raised.value.cause


def test_a_revoked_card_is_told_from_a_broken_network(tls, tmp_path, open_channel):
    card = x509.load_pem_x509_certificate((tmp_path / "client.pem").read_bytes())
    tls[0].load_verify_locations(revoking(card.serial_number, tmp_path))
    tls[0].verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    with peer(tls[0], serve(hello)) as server, pytest.raises(ClientCertificateRefused):
        post(open_channel(server.url(), tls[1]))


def test_a_foreign_card_is_refused(tls, tmp_path, open_channel):
    foreign = card_tls(tmp_path, issuer="foreign")
    with peer(tls[0], serve(hello)) as server, pytest.raises(ClientCertificateRefused):
        post(open_channel(server.url(), foreign))


def test_no_card_certificate_is_refused(tls, open_channel):
    with peer(tls[0], serve(hello)) as server, pytest.raises(ClientCertificateRefused):
        post(open_channel(server.url(), TlsWithoutCard()))


def test_the_cards_own_error_comes_out_of_the_handshake(tls, open_channel):
    tls[1].close()  # as when the card has left
    with peer(tls[0], serve(hello)) as server, pytest.raises(CardRemoved):
        post(open_channel(server.url(), tls[1]))
    assert server.requests == []


def test_plain_http_is_refused(tls):
    with pytest.raises(ValueError, match="https only"):
        HttpsChannel("http://localhost/", tls[1])


# --- redirections (EX_0.X-1055) ---------------------------------------------------------------------------


def moving(status: int, to: str) -> Callable[[bytes, bytes], bytes]:
    def answer(head: bytes, body: bytes) -> bytes:
        if b"/moved" in head:
            return http_answer(b"<hello/>")
        return http_answer(b"", f"{status} Moved", f"Location: {to}")

    return answer


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_ex_0_x_1055_the_same_request_goes_to_the_new_address(tls, status, open_channel):
    with peer(tls[0], serve(moving(status, "/moved?x=1"))) as server:
        answer = post(open_channel(server.url(), tls[1]), repeatable=False)
    assert answer.body == b"<hello/>"
    head, body = server.requests[-1]
    assert head.startswith(b"POST /moved?x=1 HTTP/1.1")
    assert body == BODY


def test_ex_0_x_1055_another_host_of_the_service(tls, open_channel):
    with peer(tls[0], serve(hello)) as second, peer(tls[0], serve(moving(307, second.url()))) as first:
        assert post(open_channel(first.url(), tls[1])).body == b"<hello/>"
    assert len(second.requests) == 1


@pytest.mark.parametrize(
    "to", ["https://127.0.0.1:{port}/moved", "http://localhost:{port}/moved", "https://dmp.example.org/"]
)
def test_ex_0_x_1055_never_to_a_stranger_nor_in_clear(tls, to, open_channel):
    location: list[str] = []
    with peer(tls[0], serve(lambda h, b: moving(307, location[0])(h, b))) as server:
        location.append(to.format(port=server.port))
        with pytest.raises(ServerNotTrusted):
            post(open_channel(server.url(), tls[1]))
    assert len(server.requests) == 1


@pytest.mark.parametrize("to", ["", "https://[", "/caf\u00e9", "/a b"])
def test_ex_0_x_1055_a_redirection_to_nowhere(tls, open_channel, to):
    with peer(tls[0], serve(moving(307, to))) as server, pytest.raises(AnswerUnreadable):
        post(open_channel(server.url(), tls[1]))


def test_ex_0_x_1055_a_loop_ends(tls, open_channel):
    with peer(tls[0], serve(moving(307, "/again"))) as server, pytest.raises(AnswerUnreadable):
        post(open_channel(server.url(), tls[1]))
    assert len(server.requests) == 4


def test_ex_0_x_1055_see_other_is_not_followed(tls, open_channel):
    with peer(tls[0], serve(moving(303, "/moved"))) as server:
        assert post(open_channel(server.url(), tls[1])).status == 303


def test_the_whole_dmp_domain_is_home():
    """Hosts of the service that a redirection may name, told without a network."""
    assert registered_domain("lps2.dmp.gouv.fr") == registered_domain("lps.dev1.dmp.gouv.fr") == "dmp.gouv.fr"
    assert registered_domain("dmp.gouv.fr.example.org") == "example.org"
    assert registered_domain("impots.gouv.fr") != registered_domain("dmp.gouv.fr")
