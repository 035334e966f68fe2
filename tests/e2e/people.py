"""Invented people: ID numbers of the unassigned area 990106 with valid check digits, phones that
start 199 0000. Nobody real has these."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def id_no(n, birth="19900101"):
    """The n-th ID number (n < 1000) of that birthday; an odd n is a man's."""
    head = f"990106{birth}{n:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(head, _WEIGHTS))
    return head + "10X98765432"[total % 11]


def mobile(n):
    return f"1990000{n:04d}"


def uscc(n, prefix="91"):
    """The n-th credit code (n < 10^6); prefix 81 for unions."""
    head = f"{prefix}990106MA2{n:06d}"
    total = sum(_USCC.index(letter) * pow(3, i, 31) for i, letter in enumerate(head))
    return head + _USCC[(31 - total % 31) % 31]


def masked_id(number):
    return number[:6] + "********" + number[14:]


def masked_mobile(number):
    return number[:3] + "****" + number[7:]
