"""The demo city's drawn plan: what a planner would sketch by hand. Metres from the centre, east and north."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.city_model import Point, RoadClass
from gis.model import LonLat

CENTRE = LonLat(120.98, 31.38)
HALF_M = 2000.0
"""The city is a square of twice this side."""


@dataclass(frozen=True, slots=True)
class Course:
    """A named line through some points, made smooth: a street, a river."""

    name: str
    name_en: str
    points: tuple[Point, ...]
    road_class: RoadClass = "secondary"
    closed: bool = False


ARTERIALS: tuple[Course, ...] = (
    Course(
        "环城路",
        "Ring Rd",
        (
            (0, 1480),
            (800, 1450),
            (1330, 1180),
            (1520, 420),
            (1490, -450),
            (1310, -1180),
            (620, -1470),
            (-350, -1460),
            (-1000, -1330),
            (-1420, -850),
            (-1510, -100),
            (-1460, 700),
            (-1040, 1320),
            (-500, 1460),
        ),
        "primary",
        closed=True,
    ),
    Course(
        "人民路",
        "People Rd",
        (
            (-2100, 70),
            (-1300, 40),
            (-620, -10),
            (120, 30),
            (800, -60),
            (1450, -20),
            (2100, 80),
        ),
        "primary",
    ),
    Course(
        "建设路",
        "Jianshe Rd",
        (
            (-170, 2100),
            (-80, 1400),
            (-120, 700),
            (-70, 100),
            (-110, -420),
            (-50, -1000),
            (-120, -1500),
            (-60, -2100),
        ),
        "primary",
    ),
    Course(
        "中山路",
        "Zhongshan Rd",
        (
            (-2100, 700),
            (-1400, 610),
            (-640, 560),
            (-50, 480),
            (500, 470),
            (1000, 450),
            (1500, 520),
            (2100, 640),
        ),
    ),
    Course(
        "学院路",
        "Xueyuan Rd",
        ((-2100, 1160), (-1300, 1040), (-500, 1080), (200, 1130), (800, 1190), (1400, 1090)),
    ),
    Course(
        "解放路",
        "Jiefang Rd",
        (
            (-2100, -1020),
            (-1350, -990),
            (-560, -900),
            (250, -930),
            (900, -1010),
            (1500, -960),
            (2100, -840),
        ),
    ),
    Course(
        "工业路",
        "Gongye Rd",
        ((-2100, -1700), (-900, -1740), (300, -1720), (1200, -1650), (2100, -1560)),
    ),
    Course(
        "北苑路",
        "Beiyuan Rd",
        ((-2100, 1690), (-900, 1760), (300, 1740), (1200, 1790), (2100, 1650)),
    ),
    Course(
        "西门街",
        "Ximen St",
        ((-690, 2100), (-640, 1300), (-580, 560), (-640, -20), (-600, -900), (-700, -2100)),
    ),
    Course(
        "东门街",
        "Dongmen St",
        ((480, 2100), (390, 1400), (370, 900), (400, 480), (360, 0), (430, -930), (380, -2100)),
    ),
    Course(
        "朝阳路",
        "Chaoyang Rd",
        ((1130, 2100), (1060, 1500), (1210, 900), (1140, 440), (1110, -50), (1000, -1000), (1080, -2100)),
    ),
    Course(
        "长江路",
        "Changjiang Rd",
        ((-1180, 2100), (-1130, 1050), (-1060, 600), (-1120, 30), (-1070, -980), (-1240, -2100)),
    ),
    Course("迎宾路", "Yingbin Rd", ((1740, 2100), (1820, 900), (1790, 0), (1830, -900), (1700, -2100))),
    Course("西苑路", "Xiyuan Rd", ((-1720, 2100), (-1810, 900), (-1770, 50), (-1800, -1000), (-1690, -2100))),
)  # fmt: skip

RIVER = Course(
    "澄江",
    "Cheng River",
    (
        (-2150, -430),
        (-1500, -560),
        (-1050, -480),
        (-450, -330),
        (100, -380),
        (620, -560),
        (1200, -540),
        (1650, -380),
        (2150, -400),
    ),
)
RIVER_WIDTH_M = 66.0
EMBANKMENT_M = 26.0
"""From the water's edge to the middle of the riverside road: promenade and trees lie between."""

CANALS: tuple[Course, ...] = (
    Course("玉带河", "Yudai Canal", ((-400, 2100), (-350, 1500), (-330, 1000), (-300, 500), (-350, -20), (-330, -360))),
    Course("菱塘河", "Lingtang Canal", ((770, 690), (740, 440), (770, 100), (720, -250), (740, -560))),
    Course("西塘河", "Xitang Canal", ((-860, -440), (-830, -900), (-870, -1450), (-960, -2100))),
)  # fmt: skip
CANAL_WIDTH_M = 15.0
CANAL_STREET_M = 17.0
"""From a canal's middle to the middle of the street on each side."""

LAKE = Course(
    "明月湖",
    "Mingyue Lake",
    (
        (560, 800),
        (620, 950),
        (760, 1010),
        (900, 960),
        (1010, 860),
        (1030, 740),
        (930, 660),
        (780, 690),
        (660, 650),
    ),
    closed=True,
)
LAKE_ROAD_M = 38.0
"""From the lake's edge to the middle of the road round it."""

DISTRICTS: tuple[tuple[str, str, Point], ...] = (
    ("玉山街道", "Yushan Subdistrict", (-100, 200)),
    ("明湖街道", "Minghu Subdistrict", (1000, 900)),
    ("城北街道", "Chengbei Subdistrict", (-700, 1500)),
    ("西塘街道", "Xitang Subdistrict", (-1500, -100)),
    ("江南街道", "Jiangnan Subdistrict", (0, -1000)),
    ("东港街道", "Donggang Subdistrict", (1600, -600)),
    ("工业园区", "Industrial Park", (-1000, -1750)),
)

# Names for the streets between the arterials: characters and their reading.
STREET_NAMES: tuple[tuple[str, str], ...] = tuple(
    (entry.split()[0], entry.split()[1])
    for entry in [
        "长安 Chang'an",
        "永宁 Yongning",
        "太平 Taiping",
        "安定 Anding",
        "和平 Heping",
        "光明 Guangming",
        "向阳 Xiangyang",
        "新华 Xinhua",
        "复兴 Fuxing",
        "团结 Tuanjie",
        "友谊 Youyi",
        "文昌 Wenchang",
        "文庙 Wenmiao",
        "学前 Xueqian",
        "书院 Shuyuan",
        "状元 Zhuangyuan",
        "牌坊 Paifang",
        "钟楼 Zhonglou",
        "鼓楼 Gulou",
        "青石 Qingshi",
        "白塔 Baita",
        "红旗 Hongqi",
        "紫竹 Zizhu",
        "翠竹 Cuizhu",
        "梅园 Meiyuan",
        "兰苑 Lanyuan",
        "菊园 Juyuan",
        "荷花 Hehua",
        "桂花 Guihua",
        "桃源 Taoyuan",
        "杏花 Xinghua",
        "柳园 Liuyuan",
        "香樟 Xiangzhang",
        "银杏 Yinxing",
        "梧桐 Wutong",
        "枫林 Fenglin",
        "松涛 Songtao",
        "云台 Yuntai",
        "云水 Yunshui",
        "星海 Xinghai",
        "春晖 Chunhui",
        "秋实 Qiushi",
        "东塘 Dongtang",
        "南塘 Nantang",
        "北塘 Beitang",
        "东仓 Dongcang",
        "西仓 Xicang",
        "盐仓 Yancang",
        "米市 Mishi",
        "鱼市 Yushi",
        "丝绸 Sichou",
        "织锦 Zhijin",
        "染坊 Ranfang",
        "酱园 Jiangyuan",
        "油车 Youche",
        "铜匠 Tongjiang",
        "竹器 Zhuqi",
        "木行 Muhang",
        "茶亭 Chating",
        "酒坊 Jiufang",
        "花园 Huayuan",
        "果园 Guoyuan",
        "苗圃 Miaopu",
        "水门 Shuimen",
        "石桥 Shiqiao",
        "虹桥 Hongqiao",
        "望江 Wangjiang",
        "听潮 Tingchao",
        "观澜 Guanlan",
        "锦绣 Jinxiu",
        "富春 Fuchun",
        "富贵 Fugui",
        "吉祥 Jixiang",
        "如意 Ruyi",
        "平安 Ping'an",
        "康乐 Kangle",
        "健康 Jiankang",
        "卫生 Weisheng",
        "体育 Tiyu",
        "科技 Keji",
        "创业 Chuangye",
        "创新 Chuangxin",
        "同心 Tongxin",
        "同丰 Tongfeng",
        "丰乐 Fengle",
        "丰收 Fengshou",
        "金谷 Jingu",
        "银河 Yinhe",
        "金鹰 Jinying",
        "飞虹 Feihong",
        "晨曦 Chenxi",
        "晚霞 Wanxia",
        "明珠 Mingzhu",
        "珍珠 Zhenzhu",
        "翡翠 Feicui",
        "玛瑙 Manao",
        "琥珀 Hupo",
        "琉璃 Liuli",
        "采莲 Cailian",
        "采菱 Cailing",
        "渔浦 Yupu",
        "渔家 Yujia",
        "船厂 Chuanchang",
        "码头 Matou",
        "纤夫 Qianfu",
        "粮库 Liangku",
        "棉纺 Mianfang",
        "机械 Jixie",
        "电子 Dianzi",
        "化工 Huagong",
        "玻璃 Boli",
        "建材 Jiancai",
        "物流 Wuliu",
        "仓前 Cangqian",
        "仓后 Canghou",
        "站前 Zhanqian",
        "站后 Zhanhou",
        "城东 Chengdong",
        "城西 Chengxi",
        "城南 Chengnan",
        "城北 Chengbei",
        "横泾 Hengjing",
        "陆家 Lujia",
        "张家 Zhangjia",
        "顾家 Gujia",
        "徐家 Xujia",
        "沈家 Shenjia",
        "王家 Wangjia",
        "朱家 Zhujia",
        "周家 Zhoujia",
        "唐家 Tangjia",
        "蒋家 Jiangjia",
        "陈家 Chenjia",
    ]
)


def smooth(course: Course, step_m: float = 25.0) -> list[Point]:
    """Points along a uniform Catmull-Rom curve through the course's points, about ``step_m`` apart."""
    p = np.array(course.points, dtype=np.float64)
    if course.closed:
        p = np.concatenate([p[-1:], p, p[:2]])
    else:
        p = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    out: list[Point] = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        count = max(2, round(float(np.hypot(*(c - b))) / step_m))
        for t in np.arange(count) / count:
            q = 0.5 * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
            out.append((round(float(q[0]), 2), round(float(q[1]), 2)))
    last = out[0] if course.closed else (round(float(p[-2][0]), 2), round(float(p[-2][1]), 2))
    return [*out, last]
