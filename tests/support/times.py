"""Times as the platform shows them."""

import datetime


def iso(ns):
    """2018-05-19T08:19:27.000000000Z: how a document shows nanoseconds since 1970."""
    seconds, rest = divmod(ns, 1_000_000_000)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def nanoseconds(text):
    """The inverse of iso()."""
    assert len(text) == 30 and text.endswith("Z"), text
    moment = datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S") - datetime.datetime(1970, 1, 1)
    return (moment.days * 86_400 + moment.seconds) * 1_000_000_000 + int(text[20:29])
