"""What readers of a vendor understand beyond LLRP, as their vendors publish it: Impinj (25882), Zebra (161).

Numbers and layouts: Impinj's LTK definitions; Zebra's "RFID Reader Software Interface Control Guide" 72E-131718.
"""

import struct
from typing import Final

from edge.adapters.llrp_profile import InventoryProfile, ReaderProfile
from models.llrp.codec import decode_parameters, encode_parameters
from models.llrp.errors import LlrpError
from models.llrp.layout import Parameters
from models.llrp.messages import CustomMessage
from models.llrp.reports import Custom, LlrpStatus

IMPINJ: Final = 25_882
ZEBRA: Final = 161
ENABLE_EXTENSIONS: Final = CustomMessage(IMPINJ, 21, bytes(4))
"""IMPINJ_ENABLE_EXTENSIONS: without it, a connection's custom parameters are refused."""
_EXTENSIONS_ENABLED: Final = 22
_SEARCH_MODE, _LINK_MONITOR = 23, 38
_ANTENNA_CONFIG, _ANTENNA_QUERY_CONFIG, _AB_FLIP = 703, 710, 0x4000


def extensions_enabled(answer: CustomMessage) -> LlrpStatus | None:
    """The status in an IMPINJ_ENABLE_EXTENSIONS_RESPONSE; ``None`` where it is none."""
    if (answer.vendor, answer.subtype) != (IMPINJ, _EXTENSIONS_ENABLED):
        return None
    try:
        return next((one for one in decode_parameters(answer.body) if isinstance(one, LlrpStatus)), None)
    except LlrpError:
        return None


def reader_extensions(profile: ReaderProfile) -> Parameters:
    """Parameters for SET_READER_CONFIG."""
    if profile.extensions == "impinj" and profile.link_monitor is not None:
        return (Custom(IMPINJ, _LINK_MONITOR, struct.pack(">HH", 1, profile.link_monitor)),)
    return ()


def inventory_extensions(profile: ReaderProfile, how: InventoryProfile) -> Parameters:
    """Parameters for each antenna's C1G2InventoryCommand."""
    if profile.extensions == "impinj" and how.search_mode is not None:
        return (Custom(IMPINJ, _SEARCH_MODE, struct.pack(">H", how.search_mode)),)
    if profile.extensions == "zebra" and how.ab_flip:
        query = Custom(ZEBRA, _ANTENNA_QUERY_CONFIG, struct.pack(">H", _AB_FLIP))
        return (Custom(ZEBRA, _ANTENNA_CONFIG, encode_parameters((query,))),)
    return ()
