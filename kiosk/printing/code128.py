"""Code 128, set C: a bar code of digits, for the INS-C and nothing else.

A desk reader gives the 22 digits back; a secret never goes into a bar code.
"""

# ISO/IEC 15417: widths of bar, space, bar, space, bar, space in modules, six digits for each value 0 to 105.
_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
    "114311411113411311113141114131311141411131211412211214211232"
)
_START_C = 105
_STOP = "2331112"


def modules(digits: str) -> str:
    """The symbol as one character a module, `1` black and `0` white, without its quiet zones.

    Raises `ValueError` unless `digits` is an even number of ASCII digits.
    """
    if not digits or len(digits) % 2 or not (digits.isascii() and digits.isdigit()):
        raise ValueError("code 128 C holds pairs of digits")
    values = [_START_C, *(int(digits[i : i + 2]) for i in range(0, len(digits), 2))]
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    widths = "".join(_WIDTHS[6 * value : 6 * value + 6] for value in (*values, check)) + _STOP
    return "".join("10"[i % 2] * int(width) for i, width in enumerate(widths))
