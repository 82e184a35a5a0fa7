"""Sealing: what goes in comes out, for the right owner and secret alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.infra.sealing import BrokenSeal, Sealer

OLD, NEW = Sealer(["an old secret"]), Sealer(["a new secret"])
ROTATING = Sealer(["a new secret", "an old secret"])


@given(plain=st.binary(), bound=st.binary())
def test_what_is_sealed_opens_again(plain: bytes, bound: bytes) -> None:
    assert NEW.open(NEW.seal(plain, bound=bound), bound=bound) == plain


@given(plain=st.binary(min_size=1), position=st.integers(min_value=0), flip=st.integers(1, 255))
def test_one_changed_byte_breaks_the_seal(plain: bytes, position: int, flip: int) -> None:
    sealed = bytearray(NEW.seal(plain, bound=b"7"))
    sealed[position % len(sealed)] ^= flip
    with pytest.raises(BrokenSeal):
        NEW.open(bytes(sealed), bound=b"7")


@given(sealed=st.binary(max_size=60))
def test_any_other_bytes_are_no_seal(sealed: bytes) -> None:
    with pytest.raises(BrokenSeal):
        NEW.open(sealed, bound=b"")


def test_an_envelope_cut_short_is_broken() -> None:
    for length in range(len(sealed := NEW.seal(b"plain", bound=b""))):
        with pytest.raises(BrokenSeal):
            NEW.open(sealed[:length], bound=b"")


def test_moved_to_another_owner_it_does_not_open() -> None:
    with pytest.raises(BrokenSeal, match="belongs to something else"):
        NEW.open(NEW.seal(b"token", bound=b"user 1"), bound=b"user 2")


def test_the_same_bytes_never_look_the_same_twice() -> None:
    assert NEW.seal(b"token", bound=b"1") != NEW.seal(b"token", bound=b"1")


def test_the_plain_text_is_not_in_the_envelope() -> None:
    assert b"token" not in NEW.seal(b"token", bound=b"1")


def test_after_rotation_the_old_secret_opens_and_the_new_one_seals() -> None:
    assert ROTATING.open(OLD.seal(b"kept", bound=b"1"), bound=b"1") == b"kept"
    assert NEW.open(ROTATING.seal(b"kept", bound=b"1"), bound=b"1") == b"kept"


def test_rotation_knows_what_must_be_sealed_again() -> None:
    assert not ROTATING.is_current(OLD.seal(b"kept", bound=b"1"))
    assert ROTATING.is_current(NEW.seal(b"kept", bound=b"1"))


def test_a_secret_that_was_dropped_is_named_as_the_cause() -> None:
    with pytest.raises(BrokenSeal, match="APP_SECRET"):
        NEW.open(OLD.seal(b"lost", bound=b"1"), bound=b"1")


def test_a_signature_holds_for_its_message_and_purpose_alone() -> None:
    signature = NEW.sign(b"message", purpose="share")
    assert NEW.verify(b"message", signature, purpose="share")
    assert not NEW.verify(b"massage", signature, purpose="share")
    assert not NEW.verify(b"message", signature, purpose="receipt")


def test_signatures_survive_rotation_until_the_secret_is_dropped() -> None:
    signature = OLD.sign(b"message", purpose="share")
    assert ROTATING.verify(b"message", signature, purpose="share")
    assert not NEW.verify(b"message", signature, purpose="share")


def test_strange_signatures_are_just_wrong() -> None:
    assert not NEW.verify(b"message", "ünïcode ☃ \ud800", purpose="share")


def test_no_secret_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Sealer([])
