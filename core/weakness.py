"""Passwords that are guessed first: common words, names, runs of keys and years, in any combination."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

REST = 4
"""So many characters must remain when everything guessable is taken away."""

COMMON = """
password passwort passwd passw0rd parola motdepasse contrasena senha wachtwoord heslo mima admin administrator
root user guest test tester testing sample example default changeme change letmein login logon signin welcome
hello hallo hola bonjour enter access open sesame secret private public system server master manager company
office sales customer crm tradepost business internet computer laptop windows linux android iphone samsung
google facebook twitter instagram linkedin youtube microsoft apple amazon alibaba taobao tencent wechat weixin
baidu huawei xiaomi love loveyou iloveyou ilove lovely lover forever always together darling honey sweetheart
babygirl babyboy baby angel princess prince queen king knight dragon monkey tiger lion eagle falcon wolf horse
dog cat puppy kitty bear panda shadow sunshine sunflower flower rainbow butterfly summer winter spring autumn
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
september october november december football baseball basketball soccer hockey tennis golf cricket chelsea
arsenal liverpool barcelona juventus manchester united madrid yankees cowboys steelers lakers batman superman
spiderman ironman pokemon pikachu naruto starwars matrix michael jordan jessica jennifer michelle daniel
andrew thomas charlie george robert william matthew anthony joshua ashley amanda nicole samantha elizabeth
hannah maria anna sarah laura david john james peter chris alex max sam jack harry london paris berlin moscow
newyork america england china beijing shanghai shenzhen guangzhou hongkong taiwan korea seoul tokyo japan
india delhi africa brazil canada qwerty qwertz azerty qwertyuiop qwertyui asdf asdfgh asdfghjkl zxcv zxcvbn
zxcvbnm qazwsx qazwsxedc wsxedc qweasd qweasdzxc qwer poiuytrewq lkjhgfdsa mnbvcxz abc abcd abcde abcdef
woaini woaiwojia nihao zhongguo wodemima aini 5201314 520 1314 1314520 7758521 qaz wsx edc a123 sarang
saranghae saranghamnida annyeong hanguk daehanminguk trustno freedom whatever nothing something money million
lucky happy birthday christmas diamond silver golden gold thunder lightning storm ocean mountain river star
stars moon sun sky blue red green black white orange purple yellow cookie chocolate coffee banana cheese
pepper ginger strawberry cherry pumpkin apples hunter ranger killer ninja pirate soldier warrior police doctor
teacher student school college university family mother father sister brother friend friends jesus christ
church heaven god bless blessed faith hope grace mustang ferrari porsche mercedes corvette harley yamaha honda
toyota
"""

WORDS = frozenset(COMMON.split())

LEET = str.maketrans("0134579@$!|", "oieastgasil")
YEAR = re.compile(r"(?:19|20)\d\d")


def weak(password: str, personal: Sequence[str] = ()) -> bool:
    """Whether little remains of a password when common words, runs, years and the person's own names are taken away."""
    text = password.casefold()
    if len(set(text)) < 5 or _repeated(text):
        return True
    names = {part for one in personal for part in re.split(r"[\W_]+", one.casefold()) if len(part) >= 3}
    text = YEAR.sub(" ", text)
    return min(_rest(one, WORDS | names) for one in (text, text.translate(LEET))) < REST


def _repeated(text: str) -> bool:
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))


def _rest(text: str, words: Iterable[str]) -> int:
    for word in sorted(words, key=lambda one: (-len(one), one)):
        text = text.replace(word, " ")
    text = _without_runs(text)
    return sum(one.isalnum() for one in text)


def _without_runs(text: str) -> str:
    # Three or more characters that go up by one, down by one, or stay: 123, cba, 000.
    result, start = [], 0
    while start < len(text):
        end = start + 1
        step = ord(text[end]) - ord(text[start]) if end < len(text) else 2
        while abs(step) <= 1 and end < len(text) and ord(text[end]) - ord(text[end - 1]) == step:
            end += 1
        length = end - start
        result.append(" " if length >= 3 else text[start])
        start = end if length >= 3 else start + 1
    return "".join(result)
