"""What the pretend store sells. The company prefix 0614141 is the one GS1 uses in its own examples."""

from dataclasses import dataclass
from functools import cached_property

from models.codes.epc import encode_sgtin96
from models.codes.gtin import check_digit

COMPANY_PREFIX = "0614141"


@dataclass(frozen=True)
class Product:
    """One product: ``reference`` is its GS1 item reference; ``popularity`` weighs how often it is wanted."""

    reference: int
    name_en: str
    name_zh: str
    category: str
    price_minor: int
    tagged: bool
    popularity: float = 1.0

    @cached_property
    def gtin(self) -> str:
        """The GTIN-14, with its check digit."""
        body = f"0{COMPANY_PREFIX}{self.reference:05d}"
        return body + check_digit(body)

    def epc(self, serial: int) -> str:
        """The SGTIN-96 of one piece, as upper-case hexadecimal."""
        return encode_sgtin96(self.gtin, serial, company_prefix_digits=len(COMPANY_PREFIX), filter_value=1)


CATALOGUE = (
    Product(101, "Rain jacket, blue, M", "雨衣 蓝色 M", "Jackets", 7900, tagged=True, popularity=1.2),
    Product(102, "Rain jacket, blue, L", "雨衣 蓝色 L", "Jackets", 7900, tagged=True),
    Product(103, "Down vest, black, M", "羽绒背心 黑色 M", "Jackets", 8900, tagged=True, popularity=0.8),
    Product(104, "Fleece, grey, L", "抓绒衣 灰色 L", "Jackets", 4900, tagged=True),
    Product(201, "Jeans, slim, 32/32", "修身牛仔裤 32/32", "Trousers", 5900, tagged=True, popularity=1.5),
    Product(202, "Jeans, straight, 34/32", "直筒牛仔裤 34/32", "Trousers", 5900, tagged=True),
    Product(203, "Chinos, sand, 33/32", "休闲裤 沙色 33/32", "Trousers", 5400, tagged=True),
    Product(301, "T-shirt, white, M", "T恤 白色 M", "Shirts", 1490, tagged=True, popularity=2.0),
    Product(302, "T-shirt, black, L", "T恤 黑色 L", "Shirts", 1490, tagged=True, popularity=1.8),
    Product(303, "Oxford shirt, light blue, M", "牛津衬衫 浅蓝 M", "Shirts", 3990, tagged=True),
    Product(401, "Running shoes, 42", "跑鞋 42码", "Shoes", 8900, tagged=True),
    Product(402, "Running shoes, 43", "跑鞋 43码", "Shoes", 8900, tagged=True, popularity=1.2),
    Product(403, "Trainers, white, 40", "小白鞋 40码", "Shoes", 6900, tagged=True),
    Product(501, "Wool socks, pair", "羊毛袜 一双", "Accessories", 890, tagged=False, popularity=2.0),
    Product(502, "Leather belt, brown", "棕色皮带", "Accessories", 2990, tagged=False),
    Product(503, "Umbrella, folding", "折叠雨伞", "Accessories", 1990, tagged=False),
    Product(504, "Baseball cap", "棒球帽", "Accessories", 1790, tagged=False),
    Product(601, "Water bottle, 0.75 l", "水壶 0.75升", "Outdoor", 1490, tagged=False, popularity=1.3),
    Product(602, "Head torch", "头灯", "Outdoor", 2490, tagged=False),
    Product(603, "Trail mix, 200 g", "混合坚果 200克", "Outdoor", 390, tagged=False, popularity=2.2),
)
