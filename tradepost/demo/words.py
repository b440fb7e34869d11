"""The words that sample data is made of, in the three languages of the product. None is meant to be a real company."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Names = Callable[[Random], str]


@dataclass(frozen=True)
class Tongue:
    """How a market names its companies and people, and how it pays and phones."""

    language: str
    zone: str
    currency: str
    scale: int
    dial: str
    cities: tuple[str, ...]
    streets: tuple[str, ...]
    posts: tuple[str, ...]
    subjects: tuple[str, ...]
    deals: tuple[str, ...]
    company: Names
    person: Names


def _english_company(chance: Random) -> str:
    first = chance.choice(
        "Amber Beacon Birch Cedar Cobalt Copper Coral Crescent Delta Elm Falcon Fern Granite Harbour Hazel Heron Indigo"
        " Ivory Juniper Kestrel Lark Linden Maple Meridian Mistral Northern Oakfield Onyx Orchard Osprey Pearl Pine"
        " Quarry Raven Redwood Saffron Sable Silver Spruce Sterling Summit Swift Tern Thistle Umber Valley Willow".split()
    )
    second = chance.choice(
        "Analytics Bakery Bearings Ceramics Clinics Components Consulting Dairy Diagnostics Electric Engineering Fabrics"
        " Farms Fittings Foods Freight Furniture Glass Instruments Labs Logistics Machinery Media Metals Optics Packaging"
        " Paper Pharma Plastics Print Pumps Robotics Security Shipping Software Solar Steel Systems Textiles Tools".split()
    )
    return f"{first} {second} {chance.choice(('Ltd', 'Inc', 'LLC', 'Group', '& Sons', 'Partners'))}"


def _english_person(chance: Random) -> str:
    given = (
        "Ada Alan Anita Ben Carla Chloe Daniel Diana Ella Erik Fiona George Hannah Ian Isla Jack Julia Karim Laura Leo"
    )
    given += (
        " Maya Miles Nadia Noah Olivia Oscar Paula Peter Priya Quinn Rosa Ruth Sam Sofia Theo Tina Uma Victor Wendy Zoe"
    )
    family = (
        "Abbott Baker Barnes Bishop Brooks Carter Cole Cooper Dawson Ellis Fisher Foster Gibson Grant Harper Hayes Hunt"
    )
    family += " Jensen Keller Lambert Lowe Marsh Mason Novak Owens Palmer Pratt Reed Rossi Shaw Stone Tanner Vance Walsh Young"
    return f"{chance.choice(given.split())} {chance.choice(family.split())}"


def _chinese_company(chance: Random) -> str:
    place = chance.choice("上海 北京 深圳 杭州 苏州 南京 广州 成都 武汉 青岛 宁波 厦门".split())
    name = chance.choice("华云恒瑞金天晨星海东远方中兴明新宏安永盛") + chance.choice("达泰源通诚信佳美利丰润博科创辉")
    trade = chance.choice("电子 机械 食品 贸易 软件 医疗器械 物流 建材 化工 纺织 包装 仪器 自动化 环保 新能源".split())
    return f"{place}{name}{trade}{chance.choice(('有限公司', '股份有限公司', '集团有限公司'))}"


def _chinese_person(chance: Random) -> str:
    family = chance.choice("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗")
    return family + "".join(
        chance.sample("明丽芳伟静强敏磊洋艳勇军杰娟涛超秀霞平刚桂英小文宇晨欣怡", chance.choice((1, 2, 2)))
    )


def _korean_company(chance: Random) -> str:
    name = chance.choice("한 대 신 동 서 미 우 세 태 금 청 남 삼 정 성".split())
    name += chance.choice("빛 성 우 진 양 림 원 창 영 산 광 일 도 흥 경".split())
    trade = chance.choice("전자 기계 식품 무역 소프트 메디칼 물류 건설 화학 섬유 포장 정밀 자동화 환경 에너지".split())
    return chance.choice((f"(주){name}{trade}", f"{name}{trade} 주식회사", f"{name}{trade}"))


def _korean_person(chance: Random) -> str:
    family = chance.choice("김이박최정강조윤장임한오서신권황안송류홍")
    given = "민준 서연 지훈 수빈 현우 지은 도윤 하은 성민 유진 재현 소영 동현 미나 태호 은지 상우 나연 준호 혜진"
    return family + chance.choice(given.split())


ENGLISH = Tongue(
    language="en",
    zone="Europe/London",
    currency="USD",
    scale=1_200,
    dial="+44 20 79",
    cities=("London", "Leeds", "Bristol", "Glasgow", "Cardiff", "York"),
    streets=("High Street", "Station Road", "Mill Lane", "Park Avenue", "Bridge Street", "Quay Side"),
    posts=("Buyer", "Head of purchasing", "Managing director", "Plant manager", "Head of IT", "Finance director"),
    subjects=("First call", "Sent the brochure", "Visited the site", "Talked about the price", "Asked about delivery"),
    deals=("new line", "yearly supply", "spare parts", "pilot project", "service contract", "replacement"),
    company=_english_company,
    person=_english_person,
)
AMERICAN = Tongue(
    language="en",
    zone="America/Chicago",
    currency="USD",
    scale=1_200,
    dial="+1 312 555 ",
    cities=("Chicago", "Denver", "Austin", "Boston", "Portland", "Columbus"),
    streets=("Main Street", "Lake Drive", "Second Avenue", "Market Street", "Elm Street", "Union Square"),
    posts=ENGLISH.posts,
    subjects=ENGLISH.subjects,
    deals=ENGLISH.deals,
    company=_english_company,
    person=_english_person,
)
CHINESE = Tongue(
    language="zh_Hans",
    zone="Asia/Shanghai",
    currency="CNY",
    scale=8_000,
    dial="+86 21 5",
    cities=("上海", "北京", "深圳", "杭州", "苏州", "成都"),
    streets=("中山路", "人民路", "解放路", "南京路", "建设路", "科技园路"),
    posts=("采购员", "采购经理", "总经理", "生产主管", "信息部经理", "财务总监"),
    subjects=("首次电话", "发送产品资料", "上门拜访", "沟通价格", "询问交货期"),
    deals=("新产线", "年度供货", "备件", "试点项目", "服务合同", "设备更换"),
    company=_chinese_company,
    person=_chinese_person,
)
KOREAN = Tongue(
    language="ko",
    zone="Asia/Seoul",
    currency="KRW",
    scale=1_500_000,
    dial="+82 2 7",
    cities=("서울", "부산", "대구", "인천", "대전", "광주"),
    streets=("강남대로", "세종대로", "테헤란로", "중앙로", "역전로", "산업로"),
    posts=("구매 담당", "구매 팀장", "대표이사", "생산 관리자", "전산 팀장", "재무 이사"),
    subjects=("첫 통화", "자료 발송", "현장 방문", "가격 협의", "납기 문의"),
    deals=("신규 라인", "연간 공급", "예비 부품", "시범 사업", "유지보수 계약", "교체"),
    company=_korean_company,
    person=_korean_person,
)

PRODUCTS: tuple[tuple[str, str, int], ...] = (
    ("Pumps", "Lift pump", 420),
    ("Pumps", "Dosing pump", 780),
    ("Pumps", "Vacuum pump", 1_150),
    ("Pumps", "Drum pump", 260),
    ("Valves", "Ball valve", 38),
    ("Valves", "Control valve", 310),
    ("Valves", "Check valve", 52),
    ("Valves", "Relief valve", 145),
    ("Sensors", "Flow sensor", 190),
    ("Sensors", "Level sensor", 165),
    ("Sensors", "Pressure sensor", 120),
    ("Sensors", "Vibration sensor", 240),
    ("Drives", "Servo drive", 1_480),
    ("Drives", "Frequency converter", 960),
    ("Drives", "Gear motor", 540),
    ("Control", "Control panel", 2_300),
    ("Control", "Remote terminal", 870),
    ("Control", "Operator display", 640),
    ("Service", "Commissioning day", 950),
    ("Service", "Maintenance visit", 480),
    ("Service", "Operator training", 720),
    ("Spares", "Seal kit", 45),
    ("Spares", "Bearing set", 88),
    ("Spares", "Filter cartridge", 23),
)
