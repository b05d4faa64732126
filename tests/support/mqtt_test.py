"""The MQTT helpers themselves: bytes as they stand in the standard, and a runner that notices what is wrong."""

import socket
import threading

import pytest

from support import mqtt, mqtt_cases


@pytest.mark.parametrize("number, encoded", [(0, "00"), (127, "7f"), (128, "8001"), (16383, "ff7f"), (16384, "808001"),
                                             (268435455, "ffffff7f")])
def test_a_remaining_length_has_as_few_bytes_as_it_needs(number, encoded):
    assert mqtt.variable_integer(number).hex() == encoded


def test_packets_are_those_of_the_standard():
    assert mqtt.connect("p", 3).hex(" ") == "10 0f 00 06 4d 51 49 73 64 70 03 02 00 3c 00 01 70"
    assert mqtt.connect("p", 4, clean=False, keep_alive=10).hex(" ") == "10 0d 00 04 4d 51 54 54 04 00 00 0a 00 01 70"
    assert mqtt.connect("p", 5, user="u", password=b"w").hex(" ") == \
        "10 14 00 04 4d 51 54 54 05 c2 00 3c 00 00 01 70 00 01 75 00 01 77"
    assert mqtt.publish("p", "message", 1, 1).hex(" ") == "32 0c 00 01 70 00 01 6d 65 73 73 61 67 65"
    assert mqtt.publish("topic", "payload", version=5, message_expiry=1).hex() == "3014" + "0005746f706963" + "050200000001" + "7061796c6f6164"
    assert mqtt.subscribe(0x1234, [("p", 1)], 5).hex(" ") == "82 07 12 34 00 00 01 70 01"
    assert mqtt.acknowledgement(mqtt.PUBREL, 1).hex(" ") == "62 02 00 01"


def test_packets_of_a_server_are_read():
    connack = mqtt.parse(mqtt.CONNACK, 0, bytes.fromhex("00000622000A210014"), 5)
    assert connack.properties == {"topic_alias_maximum": 10, "receive_maximum": 20} and not connack.session_present
    message = mqtt.parse(mqtt.PUBLISH, 0x0B, bytes.fromhex("0001700001") + b"x", 4)
    assert (message.topic, message.qos, message.duplicate, message.retain, message.packet_id, message.payload) == \
        ("p", 1, True, True, 1, b"x")
    assert mqtt.parse(mqtt.PUBACK, 0, bytes.fromhex("000110"), 5).reason == 0x10


class Scripted:
    """A listener that answers the n-th piece it receives with the n-th answer, and then closes or waits for the peer's end."""

    def __init__(self, *answers, closes):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.thread = threading.Thread(target=self._serve, args=(answers, closes))
        self.thread.start()

    def _serve(self, answers, closes):
        connection, _ = self.listener.accept()
        with connection:
            for answer in answers:
                connection.recv(65536)
                connection.sendall(bytes.fromhex(answer))
            if not closes:
                while connection.recv(65536):
                    pass

    def __enter__(self):
        return self.address

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()


def case(*steps, ends=True, version=4, connect=True):
    return mqtt_cases.Case("one", {"ver": version, "connect": connect, "expect_disconnect": ends,
                                   "msgs": [{"type": kind, "payload": payload} for kind, payload in steps]})


@pytest.mark.parametrize("answers, closes, one", [
    (["20020000", "90 03 1234 01"], True, case(("send", "82 06 1234 0001 70 01"), ("recv", "90 03 1234 01"))),
    (["20 09 00 00 06 22 00 0A 21 00 14", "D0 00"], False, case(ends=False, version=5)),
    (["20020002"], True, case(("send", "10 00"), ("recv", "20 02 00 02"), connect=False)),
])
def test_the_runner_passes_what_is_as_the_case_says(answers, closes, one):
    with Scripted(*answers, closes=closes) as address:
        mqtt_cases.run(one, address)


@pytest.mark.parametrize("answers, closes, one", [
    (["20020001"], True, case()),  # not let in
    (["20 03 00 00 00"], False, case(ends=False, version=5)),  # let in with other properties
    (["20020000", "90 03 1234 02"], True, case(("send", "82 06 1234 0001 70 01"), ("recv", "90 03 1234 01"))),
    (["20020000", "90 03 12"], True, case(("send", "82 06 1234 0001 70 01"), ("recv", "90 03 1234 01"))),
    (["20020000", "E0 00"], True, case()),  # says more than the case knows
    (["20020000", "D0 00"], False, case()),  # goes on where it must not
    (["20020000"], True, case(ends=False)),  # closes where it must not
    (["20020000", "D0 00 D0 00"], False, case(ends=False)),
])
def test_the_runner_notices_what_is_wrong(answers, closes, one):
    with Scripted(*answers, closes=closes) as address, pytest.raises(mqtt_cases.Mismatch):
        mqtt_cases.run(one, address, silence_s=0.2)
