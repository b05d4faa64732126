"""Live readings: everything that is acknowledged reaches who subscribed, in order, once, and nobody else."""

import json
import threading

import pytest

from support import live, mqtt, mqtt_platform
from support.api import Api, make_thing
from support.http import Client
from support.mqtt_platform import connect
from support.program import DEMO_PASSWORD, Platform
from support.websocket import Refused as UpgradeRefused


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with Platform(tmp_path_factory.mktemp("platform"), mqtt_platform.settings()) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture
def thing(root):
    return make_thing(root, {"temperature": "double", "state": "keyword"})


def send(platform, thing, *readings):
    """Readings as (sensor, timestamp, value), acknowledged when this returns."""
    body = json.dumps([{"sensor_id": thing.sensors[sensor], "timestamp": at, "value": value} for sensor, at, value in readings])
    client = Client(platform.address("http"))
    response = client.request("POST", "/", [("Authorization", f"Bearer {thing.token}"), ("Content-Type", "application/json")],
                              body.encode())
    assert response.status == 200, response


class OverEvents:
    def __init__(self, platform, token, query="", position=None):
        self.stream = live.EventStream(platform.address("core"), token, query, last_event_id=position)
        self.next = self.stream.next
        self.close = self.stream.close


class OverWebSocket:
    def __init__(self, platform, token, query="", position=None):
        if position:
            query += ("&" if query else "?") + f"from={position}"
        self.socket = live.LiveSocket(platform.address("core"), token, query)
        self.next = self.socket.next_event
        self.close = self.socket.hang_up


both = pytest.mark.parametrize("subscriber", [OverEvents, OverWebSocket])


def values(subscriber, count):
    return [subscriber.next()[2]["value"] for _ in range(count)]


@both
def test_readings_come_in_order_as_queries_show_them(platform, thing, subscriber):
    listener = subscriber(platform, thing.consumer_token)
    send(platform, thing, ("temperature", 1_600_000_000, 1.5))
    send(platform, thing, ("state", 1_600_000_001, "on"), ("temperature", 1_600_000_002, "2.5"))
    found = [listener.next() for _ in range(3)]
    assert [(kind, document) for _, kind, document in found] == [
        ("message", {"timestamp": at, "device_id": thing.device, "sensor_id": thing.sensors[sensor], "value": value})
        for sensor, at, value in [("temperature", "2020-09-13T12:26:40.000000000Z", 1.5), ("state", "2020-09-13T12:26:41.000000000Z", "on"),
                                  ("temperature", "2020-09-13T12:26:42.000000000Z", 2.5)]]
    listener.close()


@both
def test_only_what_was_asked_for_and_granted_comes(platform, root, thing, subscriber):
    other = make_thing(root, {"temperature": "double"}, "Other")
    listeners = {
        query: subscriber(platform, thing.consumer_token, query)
        for query in ("", f"?devices={thing.device}", f"?sensors={thing.sensors['state']}")
    }
    send(platform, other, ("temperature", 1_600_000_000, -1))
    send(platform, thing, ("temperature", 1_600_000_000, 1), ("state", 1_600_000_000, "on"))
    send(platform, thing, ("state", 1_600_000_001, "off"))
    assert values(listeners[""], 3) == [1, "on", "off"]
    assert values(listeners[f"?devices={thing.device}"], 3) == [1, "on", "off"]
    assert values(listeners[f"?sensors={thing.sensors['state']}"], 2) == ["on", "off"]
    for listener in listeners.values():
        listener.close()


@both
def test_a_user_sees_its_own_devices_and_an_administrator_all(platform, root, subscriber):
    root.create_user("someone", "a long password")
    someone = Api.signed_in(platform, "someone", "a long password")
    own = make_thing(someone, {"temperature": "double"}, "Own")
    foreign = make_thing(root, {"temperature": "double"}, "Foreign")
    listener = subscriber(platform, someone.token)
    administrator = subscriber(platform, root.token, f"?devices={own.device},{foreign.device}")
    send(platform, foreign, ("temperature", 1_600_000_000, 1))
    send(platform, own, ("temperature", 1_600_000_000, 2))
    assert values(administrator, 2) == [1, 2]
    assert values(listener, 1) == [2]
    with pytest.raises((live.Refused, UpgradeRefused)) as refused:
        subscriber(platform, someone.token, f"?devices={foreign.device}")
    assert refused.value.status == 403
    root.ok("DELETE", f"/api/users/{root_id_of(root, 'someone')}")
    assert listener.next() is None
    administrator.close()


def root_id_of(root, username):
    return next(user["id"] for user in root.ok("GET", "/api/users")["result"] if user["username"] == username)


@both
def test_a_reconnect_goes_on_where_it_was(platform, thing, subscriber):
    listener = subscriber(platform, thing.consumer_token)
    send(platform, thing, *[("temperature", 1_600_000_000 + n, n) for n in range(10)])
    seen = [listener.next() for _ in range(4)]
    listener.close()
    # In the middle of an array, with more behind it.
    send(platform, thing, *[("temperature", 1_600_000_100 + n, 10 + n) for n in range(5)])
    again = subscriber(platform, thing.consumer_token, position=seen[-1][0])
    assert values(again, 11) == [*range(4, 15)]
    send(platform, thing, ("temperature", 1_600_000_200, 15))
    assert values(again, 1) == [15]
    again.close()


def test_a_reconnect_goes_on_over_a_crash(tmp_path):
    with Platform(tmp_path, mqtt_platform.settings()) as platform:
        thing = make_thing(Api.signed_in(platform), {"temperature": "double"})
        listener = OverEvents(platform, thing.consumer_token)
        send(platform, thing, *[("temperature", 1_600_000_000 + n, n) for n in range(5)])
        position = [listener.next() for _ in range(2)][-1][0]
        platform.kill()
        assert [listener.next() for _ in range(4)][-1] is None
        platform.start()
        send(platform, thing, ("temperature", 1_600_000_100, 5))
        again = OverEvents(platform, thing.consumer_token, position=position)
        assert values(again, 4) == [2, 3, 4, 5]
        again.close()


@both
def test_a_grant_that_is_withdrawn_ends_its_readings_at_once(platform, root, thing, subscriber):
    listener = subscriber(platform, thing.consumer_token)
    send(platform, thing, ("temperature", 1_600_000_000, 1))
    assert values(listener, 1) == [1]
    root.ok("DELETE", f"/api/consumers/{thing.consumer}/sensors/{thing.sensors['temperature']}")
    send(platform, thing, ("temperature", 1_600_000_001, 2), ("state", 1_600_000_001, "on"))
    assert values(listener, 1) == ["on"]
    root.grant(thing.consumer, thing.sensors["temperature"])
    send(platform, thing, ("temperature", 1_600_000_002, 3))
    assert values(listener, 1) == [3]
    listener.close()


@both
def test_a_rotated_key_ends_the_subscription(platform, root, thing, subscriber):
    listener = subscriber(platform, thing.consumer_token)
    root.ok("POST", f"/api/consumers/{thing.consumer}/key/rotate")
    assert listener.next() is None
    with pytest.raises((live.Refused, UpgradeRefused)) as refused:
        subscriber(platform, thing.consumer_token)
    assert refused.value.status == 403


@both
@pytest.mark.parametrize("query, status", [
    ("?sensors=999999", 403), ("?devices=999999", 403), ("?from=yesterday", 422), ("?from=1", 422), ("?sensors=a", 422),
    ("?sensor=1", 422), ("?from=%zz", 422), ("?devices=1,,2", 422),
])
def test_what_cannot_be_is_refused(platform, thing, subscriber, query, status):
    with pytest.raises((live.Refused, UpgradeRefused)) as refused:
        subscriber(platform, thing.consumer_token, query)
    assert refused.value.status == status


@both
def test_who_has_no_token_that_counts_is_refused(platform, thing, subscriber):
    for token, status in [(None, 401), (thing.token, 403), ("nonsense", 403)]:
        with pytest.raises((live.Refused, UpgradeRefused)) as refused:
            subscriber(platform, token)
        assert refused.value.status == status


def test_another_form_is_not_there(platform, thing):
    response = Api(platform.address("core"), thing.consumer_token).call("GET", live.PATH)
    assert response.status == 406, response


@both
def test_a_position_ahead_of_the_log_is_now(platform, thing, subscriber):
    listener = subscriber(platform, thing.consumer_token, position="9999999999.0")
    # Where it begins is where the log ends when the subscription is there; the first reading after that comes.
    answered = threading.Event()

    def keep_sending():
        at = 1_600_000_000
        while not answered.is_set():
            at += 1
            send(platform, thing, ("temperature", at, at))

    sender = threading.Thread(target=keep_sending)
    sender.start()
    try:
        assert listener.next()[1] == "message"
    finally:
        answered.set()
        sender.join()
    listener.close()


def test_a_subscriber_that_does_not_read_slows_nobody_and_loses_nothing(platform, thing):
    slow = live.EventStream(platform.address("core"), thing.consumer_token, receive_bytes=4096)
    quick = OverEvents(platform, thing.consumer_token)
    arrays, size = 60, 1_000
    for number in range(arrays):
        send(platform, thing, *[("temperature", 1_600_000_000 + number * size + n, number * size + n) for n in range(size)])
    total = arrays * size
    assert values(quick, total) == [*range(total)]
    assert [slow.next()[2]["value"] for _ in range(total)] == [*range(total)]
    slow.close()
    quick.close()


def test_who_comes_too_late_is_told_what_is_gone(tmp_path):
    settings = mqtt_platform.settings(**{"log.segment_bytes": "1MiB", "log.retain_bytes": "0", "log.retain_s": "0"})
    with Platform(tmp_path, settings) as platform:
        thing = make_thing(Api.signed_in(platform), {"text": "keyword"})
        for number in range(40):
            send(platform, thing, *[("text", 1_600_000_000 + number * 100 + n, "x" * 1000) for n in range(100)])
        # Stopping writes everything to the store, and with it the log may go.
        assert platform.stop() == 0
        platform.start()
        listener = OverEvents(platform, thing.consumer_token, position="1.0")
        position, kind, gone = listener.next()
        assert kind == "missed" and gone["from"] == "1.0" and gone["to"] == position
        assert int(position.split(".")[0]) > 1
        listener.close()


def test_a_log_that_cannot_be_read_ends_the_subscription_at_once(tmp_path):
    with Platform(tmp_path, mqtt_platform.settings(**{"log.retain_s": "86400"})) as platform:
        thing = make_thing(Api.signed_in(platform), {"temperature": "double"})
        for number in range(60):
            send(platform, thing, ("temperature", 1_600_000_000 + number, number))
        segment = max((path for path in (platform.data_dir / "log").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
        with open(segment, "r+b") as file:
            file.seek(len(segment.read_bytes().rstrip(b"\0")) // 2)
            file.write(b"\xff" * 40)
        for _ in range(2):
            events = OverEvents(platform, thing.consumer_token, position="1.0")
            while events.next():
                pass
            events.close()
            socket = live.LiveSocket(platform.address("core"), thing.consumer_token, "?from=1.0")
            while (frame := socket.next())[0] == "text":
                pass
            assert frame[:2] == ("close", 1011) and "log" in frame[2]
            socket.hang_up()
        assert platform.output().count("the event log cannot be read") == 1
        platform.kill()


@pytest.mark.parametrize("version", ["8", ""])
def test_another_version_of_websocket_is_told_which_one_there_is(platform, thing, version):
    response = Client(platform.address("core")).request("GET", live.PATH, [
        ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", version), ("Authorization", f"Bearer {thing.consumer_token}")])
    assert response.status == 426 and response.json["name"] == "UpgradeRequired"
    assert response.header("Sec-WebSocket-Version") == "13" and response.header("Upgrade") == "websocket"


def test_too_many_subscriptions_are_refused(tmp_path):
    with Platform(tmp_path, mqtt_platform.settings(**{"live.subscriptions_max": "2"})) as platform:
        thing = make_thing(Api.signed_in(platform), {"temperature": "double"})
        first, second = (OverEvents(platform, thing.consumer_token) for _ in range(2))
        for subscriber in (OverEvents, OverWebSocket):
            with pytest.raises((live.Refused, UpgradeRefused)) as refused:
                subscriber(platform, thing.consumer_token)
            assert refused.value.status == 503
        first.close()
        second.close()


def test_streams_end_with_the_platform(tmp_path):
    with Platform(tmp_path, mqtt_platform.settings()) as platform:
        thing = make_thing(Api.signed_in(platform), {"temperature": "double"})
        listeners = [OverEvents(platform, thing.consumer_token), OverWebSocket(platform, thing.consumer_token)]
        assert platform.stop() == 0
        assert [listener.next() for listener in listeners] == [None, None]


# Over MQTT.

def consumer(platform, thing, version=5, client_id="consumer", **options):
    return connect(platform, thing.consumer_token, client_id, version, **options)


@pytest.mark.parametrize("version", [3, 4, 5])
@pytest.mark.parametrize("sensor", ["temperature", "+", "#"])
def test_a_consumer_subscribes_to_its_sensors(platform, root, thing, version, sensor):
    other = make_thing(root, {"temperature": "double"}, "Other")
    name = thing.sensors.get(sensor, sensor)
    with consumer(platform, thing, version) as listener:
        listener.subscribe(f"readings/{thing.device}/{name}", qos=1)
        send(platform, other, ("temperature", 1_600_000_000, -1))
        send(platform, thing, ("temperature", 1_600_000_000, 1))
        message = listener.message()
        assert message.topic == f"readings/{thing.device}/{thing.sensors['temperature']}"
        assert message.qos == 1 and json.loads(message.payload)["value"] == 1


@pytest.mark.parametrize("version, refusal", [(4, 0x80), (5, 0x87)])
def test_what_is_not_granted_cannot_be_subscribed(platform, root, thing, version, refusal):
    other = make_thing(root, {"temperature": "double"}, "Other")
    filters = [f"readings/{other.device}/{other.sensors['temperature']}", f"readings/{other.device}/+", f"{thing.device}/#", "#",
               "+/+/+", "readings", f"readings/{thing.device}", "$SYS/#", f"readings/{thing.device}/{other.sensors['temperature']}"]
    with consumer(platform, thing, version) as listener:
        for number, name in enumerate(filters, 1):
            listener.send(mqtt.subscribe(number, [(name, 1)], version))
            assert list(listener.expect(mqtt.SUBACK, number).codes) == [refusal], name


def test_a_withdrawn_grant_counts_for_mqtt_at_once(platform, root, thing):
    with consumer(platform, thing) as listener:
        listener.subscribe(f"readings/{thing.device}/+", qos=1)
        root.ok("DELETE", f"/api/consumers/{thing.consumer}/sensors/{thing.sensors['temperature']}")
        send(platform, thing, ("temperature", 1_600_000_000, 1), ("state", 1_600_000_000, "on"))
        assert json.loads(listener.message().payload)["value"] == "on"


def test_an_mqtt_subscription_begins_when_it_is_made(tmp_path):
    with Platform(tmp_path, mqtt_platform.settings()) as platform:
        thing = make_thing(Api.signed_in(platform), {"temperature": "double"})
        at = 1_600_000_000
        for _ in range(3):
            # While nobody follows, the log goes on.
            for _ in range(20):
                at += 1
                send(platform, thing, ("temperature", at, -1))
            with consumer(platform, thing) as listener:
                listener.subscribe(f"readings/{thing.device}/+", qos=1)
                at += 2
                send(platform, thing, ("temperature", at - 1, at - 1), ("temperature", at, at))
                assert [json.loads(listener.message().payload)["value"] for _ in range(2)] == [at - 1, at]
                listener.leave()


@pytest.mark.parametrize("somebody_before", [True, False])
@pytest.mark.parametrize("end", [Platform.stop, Platform.kill])
def test_a_session_gets_nothing_from_before_its_subscription_over_a_restart(tmp_path, end, somebody_before):
    options = {"clean": False, "session_expiry": 3600}
    with Platform(tmp_path, mqtt_platform.settings()) as platform:
        thing = make_thing(Api.signed_in(platform), {"temperature": "double"})
        if somebody_before:
            with consumer(platform, thing, client_id="before", **options) as before:
                before.subscribe(f"readings/{thing.device}/+", qos=1)
                send(platform, thing, ("temperature", 1_600_000_000, 0))
                assert json.loads(before.message().payload)["value"] == 0
                before.leave(session_expiry=0)
        for number in range(1, 31):
            send(platform, thing, ("temperature", 1_600_000_000 + number, number))
        with consumer(platform, thing, **options) as listener:
            listener.subscribe(f"readings/{thing.device}/+", qos=1)
            listener.leave()
        send(platform, thing, ("temperature", 1_600_000_100, 100))
        end(platform)
        platform.start()
        send(platform, thing, ("temperature", 1_600_000_101, 101))
        with consumer(platform, thing, **options) as listener:
            assert listener.connack.session_present
            assert [json.loads(listener.message().payload)["value"] for _ in range(2)] == [100, 101]
            send(platform, thing, ("temperature", 1_600_000_102, 102))
            assert json.loads(listener.message().payload)["value"] == 102


@pytest.mark.parametrize("qos", [1, 2])
def test_a_session_gets_what_came_while_it_was_away_once(tmp_path, qos):
    with Platform(tmp_path, mqtt_platform.settings()) as platform:
        thing = make_thing(Api.signed_in(platform), {"temperature": "double"})
        options = {"clean": False, "session_expiry": 3600}
        with consumer(platform, thing, **options) as listener:
            listener.subscribe(f"readings/{thing.device}/+", qos=qos)
            send(platform, thing, ("temperature", 1_600_000_000, 0))
            assert json.loads(listener.message().payload)["value"] == 0
            listener.leave()
        found = []
        for round_number in range(5):
            for number in range(1, 21):
                value = round_number * 20 + number
                send(platform, thing, ("temperature", 1_600_000_000 + value, value))
            platform.kill()
            platform.start()
            with consumer(platform, thing, **options) as listener:
                while len(found) < (round_number + 1) * 20:
                    found.append(json.loads(listener.message().payload)["value"])
                listener.leave()
        assert found == [*range(1, 101)]


def session_of(platform):
    """A session of root's, as the header that browsers send."""
    response = Client(platform.address("core")).request(
        "POST", "/api/session", [("Content-Type", "application/json")],
        json.dumps({"username": "root", "password": DEMO_PASSWORD}).encode())
    assert response.status == 200, response
    return "Cookie: " + response.header("Set-Cookie").split(";")[0]


def test_a_browsers_session_follows_readings(platform, thing):
    cookie = session_of(platform)
    events = live.EventStream(platform.address("core"), None, f"?devices={thing.device}", headers=[cookie])
    send(platform, thing, ("temperature", 1_600_000_000, 1.5))
    assert events.next()[2]["value"] == 1.5
    events.close()


@pytest.mark.parametrize("site, opens", [("same-origin", True), ("cross-site", False), ("same-site", False), (None, False)])
def test_a_websocket_is_opened_with_the_session_by_our_own_pages_alone(platform, thing, site, opens):
    headers = [session_of(platform)] + ([f"Sec-Fetch-Site: {site}"] if site else [])
    if opens:
        socket = live.LiveSocket(platform.address("core"), None, f"?devices={thing.device}", headers=headers)
        send(platform, thing, ("temperature", 1_600_000_000, 1.5))
        assert socket.next_event()[2]["value"] == 1.5
        socket.hang_up()
    else:
        with pytest.raises(UpgradeRefused) as refused:
            live.LiveSocket(platform.address("core"), None, headers=headers)
        assert refused.value.status == 403
