"""A request larger than the service takes is refused by its status, whether its body was sent or held back."""

from raw_dmp import BASE, JEAN_PIERRE, Desk, Vihf

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

LENGTH = 51 * 1024 * 1024


def test_a_client_that_waits_is_told_before_it_sends_anything(desk: Desk, doctor: Holder) -> None:
    connection = desk.connect(desk.context(doctor))
    try:
        connection.sock.sendall(
            f"POST {BASE}/repository HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/related\r\n"
            f"Content-Length: {LENGTH}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        answer = b""
        while piece := connection.sock.recv(65536):  # it closes once it has refused
            answer += piece
    finally:
        connection.close()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer


def test_a_client_that_sent_it_all_hears_why(desk: Desk, doctor: Holder) -> None:
    connection = desk.connect(desk.context(doctor))
    try:
        connection.request(
            "POST", f"{BASE}/repository", bytes(LENGTH), {"Content-Type": 'multipart/related; boundary="b"'}
        )
        assert connection.getresponse().status == 413
    finally:
        connection.close()
    assert desk.existence(Vihf(doctor, JEAN_PIERRE)).ack == ("AA", "")
