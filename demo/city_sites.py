"""The demo city's particular places: which block near which spot is the city hall, a hospital, the waterworks."""

from __future__ import annotations

from dataclasses import dataclass

from demo.city_model import Point


@dataclass(frozen=True, slots=True)
class Site:
    """One place with a block of its own; the nearest free block of the right size becomes it."""

    key: str
    kind: str  # of the named place
    use: str  # of the ground: park, square, public, school, hospital, hall, works, ...
    name: str
    name_en: str
    near: Point
    min_m2: float = 9_000.0
    max_m2: float = 90_000.0


SITES: tuple[Site, ...] = (
    Site("square", "square", "square", "市民广场", "Citizens' Square", (60, 190), 15_000, 40_000),
    Site("city-hall", "government", "public", "市政府", "City Hall", (40, 370), 12_000),
    Site("waterworks", "waterworks", "works", "第一自来水厂", "No. 1 Waterworks", (-1250, -720), 20_000),
    Site("sewage", "sewage_works", "works", "污水处理厂", "Sewage Works", (1640, -640), 18_000),
    Site("chemical", "chemical_plant", "industrial", "江南化工厂", "Jiangnan Chemical Plant", (-330, -1880), 20_000, 160_000),
    Site("substation", "substation", "works", "城西变电站", "Chengxi Substation", (-1640, 380), 9_000, 160_000),
    Site("gas-gate", "gas_station", "works", "天然气门站", "Gas Gate Station", (1660, 1300), 9_000, 160_000),
    Site("hospital-1", "hospital", "hospital", "人民医院", "People's Hospital", (-430, 330), 15_000),
    Site("hospital-2", "hospital", "hospital", "东港医院", "Donggang Hospital", (1300, -760), 15_000),
    Site("hospital-3", "hospital", "hospital", "江南中医院", "Jiangnan Hospital of Chinese Medicine", (-420, -1120), 15_000),
    Site("police-0", "police_station", "public", "市公安局", "City Public Security Bureau", (150, -190)),
    Site("police-1", "police_station", "public", "玉山派出所", "Yushan Police Station", (-480, -180)),
    Site("police-2", "police_station", "public", "明湖派出所", "Minghu Police Station", (930, 330)),
    Site("police-3", "police_station", "public", "西塘派出所", "Xitang Police Station", (-1350, 280)),
    Site("police-4", "police_station", "public", "江南派出所", "Jiangnan Police Station", (180, -1120)),
    Site("police-5", "police_station", "public", "东港派出所", "Donggang Police Station", (1640, 180)),
    Site("fire-1", "fire_station", "public", "人民路消防救援站", "People Rd Fire Station", (-830, 110)),
    Site("fire-2", "fire_station", "public", "江南消防救援站", "Jiangnan Fire Station", (700, -820)),
    Site("fire-3", "fire_station", "public", "城北消防救援站", "Chengbei Fire Station", (150, 1300)),
    Site("municipal", "depot", "hall", "市政养护中心", "Municipal Maintenance Depot", (-1300, 900)),
    Site("bus-station", "bus_station", "public", "汽车客运站", "Coach Station", (960, -200), 15_000),
    Site("market-1", "market", "hall", "东门菜市场", "Dongmen Market", (480, -120)),
    Site("market-2", "market", "hall", "西塘菜市场", "Xitang Market", (-970, -780)),
    Site("market-3", "market", "hall", "北苑农贸市场", "Beiyuan Farmers' Market", (-200, 1620)),
    Site("mall-1", "mall", "mall", "人民商场", "People Department Store", (240, 110), 12_000),
    Site("mall-2", "mall", "mall", "东港广场购物中心", "Donggang Shopping Centre", (1290, 80), 15_000),
    Site("school-1", "school", "school", "实验小学", "Experimental Primary School", (240, 760), 14_000),
    Site("school-2", "school", "school", "第一中学", "No. 1 Middle School", (-880, 830), 20_000),
    Site("school-3", "school", "school", "第二中学", "No. 2 Middle School", (690, -1240), 20_000),
    Site("school-4", "school", "school", "东门小学", "Dongmen Primary School", (580, 280), 14_000),
    Site("school-5", "school", "school", "江南学校", "Jiangnan School", (-260, -640), 14_000),
    Site("school-6", "school", "school", "西塘小学", "Xitang Primary School", (-1320, -200), 14_000),
    Site("college", "school", "school", "职业技术学院", "Vocational College", (1680, 1560), 40_000, 200_000),
    Site("stadium", "stadium", "stadium", "体育中心", "Sports Centre", (-900, 1240), 35_000, 120_000),
    Site("library", "library", "public", "图书馆", "City Library", (-200, 330)),
    Site("park-1", "park", "park", "人民公园", "People Park", (-720, 330), 25_000),
    Site("park-2", "park", "park", "柳园公园", "Liuyuan Park", (1300, 330), 25_000),
    Site("park-3", "park", "park", "江南公园", "Jiangnan Park", (120, -700), 25_000),
    Site("park-4", "park", "park", "城北公园", "Chengbei Park", (-420, 1280), 25_000, 120_000),
    Site("park-5", "park", "park", "西塘湿地公园", "Xitang Wetland Park", (-1600, -760), 30_000, 200_000),
    Site("temple", "temple", "public", "文庙", "Confucian Temple", (-220, 120)),
    Site("oil", "fuel_station", "works", "环城加油站", "Ring Rd Filling Station", (1300, 700), 4_000, 16_000),
)  # fmt: skip

ESTATE_SUFFIXES: tuple[tuple[str, str], ...] = (
    ("新村", "Village"),
    ("花园", "Gardens"),
    ("小区", "Estate"),
    ("苑", "Court"),
    ("雅居", "Residence"),
)
