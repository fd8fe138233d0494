"""What models really answer: what is read out of it, and what is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igny8_core.ai.answers import read_json, repaired
from igny8_core.core.errors import BadResponse

IT = {"title": "Maps", "tags": ["a", "b"]}
PLAIN = '{"title": "Maps", "tags": ["a", "b"]}'
F = "```"

READ = {
    "plain": (PLAIN, IT),
    "spaces around": (f"\n\t {PLAIN} \n", IT),
    "a list": ('[{"a": 1}]', [{"a": 1}]),
    "fence": (f"{F}json\n{PLAIN}\n{F}", IT),
    "fence without a language": (f"{F}\n{PLAIN}\n{F}", IT),
    "fence with CRLF": (f"{F}json\r\n{PLAIN}\r\n{F}", IT),
    "fence in capitals": (f"{F}JSON\n{PLAIN}\n{F}", IT),
    "fence on one line": (f"{F}json {PLAIN} {F}", IT),
    "fence never closed": (f"{F}json\n{PLAIN}", IT),
    "prose before": (f"Sure! Here it is:\n\n{PLAIN}", IT),
    "prose after": (f"{PLAIN}\n\nTell me if it suits you.", IT),
    "prose around a fence": (f"Here:\n{F}json\n{PLAIN}\n{F}\nEnjoy {{it}}!", IT),
    "prose with brackets": (f"As asked [1], here {{it}} is: {PLAIN}", IT),
    "prose with an apostrophe": (f"Here's what you've asked for: {PLAIN} That's it.", IT),
    "prose with quotes": (f'I call it "Maps" and it reads: {PLAIN}', IT),
    "prose with an odd quote": (f'5" is the size. {PLAIN}', IT),
    "think block before": (f"<think>Let me see {{a}}, [b]...</think>\n{PLAIN}", IT),
    "BOM": ("\ufeff" + PLAIN, IT),
    "joiners within a text": (
        '{"a": "می\u200cخواهم 👩\u200d💻"}',
        {"a": "می\u200cخواهم 👩\u200d💻"},
    ),
    "zero width spaces": ("\u200b" + PLAIN + "\u200b", IT),
    "NUL": (PLAIN.replace(" ", "\x00", 1), IT),
    "smart quotes": ("{“title”: “Maps”, “tags”: [“a”, “b”]}", IT),
    "smart quotes around keys": ('{“title”: "Maps", “tags”: ["a", "b"]}', IT),
    "smart quotes within a text": ('{"title": "The “best” maps"}', {"title": "The “best” maps"}),
    "low quotes within a text": (
        '{"title": "Die „besten“ Karten"}',
        {"title": "Die „besten“ Karten"},
    ),
    "trailing comma in an object": ('{"a": 1,}', {"a": 1}),
    "trailing comma in a list": ('{"a": [1, 2, ], }', {"a": [1, 2]}),
    "trailing comma and comment": ('{"a": 1, // last\n}', {"a": 1}),
    "comma before a bracket in a text": ('{"a": "x,]", "b": [1,],}', {"a": "x,]", "b": [1]}),
    "single quotes": ("{'title': 'Maps', 'tags': ['a', 'b']}", IT),
    "single quotes and an apostrophe": (
        "{'title': 'The traveller's map'}",
        {"title": "The traveller's map"},
    ),
    "single quotes, escaped": (
        r"{'title': 'The traveller\'s map'}",
        {"title": "The traveller's map"},
    ),
    "single quotes around double": ("{'title': 'The \"best\" map'}", {"title": 'The "best" map'}),
    "apostrophe in double quotes": ('{"title": "It\'s, a map"}', {"title": "It's, a map"}),
    "apostrophes and a slip": (
        '{"title": "It\'s", "b": "Bob\'s",}',
        {"title": "It's", "b": "Bob's"},
    ),
    "line comment": ('{ // the answer\n"a": 1}', {"a": 1}),
    "block comment": ('{ /* the\nanswer */ "a": 1}', {"a": 1}),
    "an address is no comment": (
        '{"url": "https://example.com/a", }',
        {"url": "https://example.com/a"},
    ),
    "Python": ("{'a': True, 'b': False, 'c': None}", {"a": True, "b": False, "c": None}),
    "Python words in a text": (
        '{"a": "None of it is True", "b": None}',
        {"a": "None of it is True", "b": None},
    ),
    "raw newline": ('{"a": "one\ntwo"}', {"a": "one\ntwo"}),
    "raw newline and tab": ('{"a": "one\r\n\ttwo"}', {"a": "one\r\n\ttwo"}),
    "raw newline in a fence": (
        f'{F}json\n{{"a": "<p>one</p>\n<p>two</p>"}}\n{F}',
        {"a": "<p>one</p>\n<p>two</p>"},
    ),
    "raw newline in single quotes": ("{'a': 'one\ntwo'}", {"a": "one\ntwo"}),
    "control character": ('{"a": "one\x0btwo"}', {"a": "one\x0btwo"}),
    "escaped slash": (r'{"a": "<\/p>"}', {"a": "</p>"}),
    "escaped unicode": (r'{"a": "caf\u00e9 \ud83d\ude00"}', {"a": "café 😀"}),
    "half an emoji": (r'{"a": "x\ud83d", "\udc00b": ["\ud83d"]}', {"a": "x", "b": [""]}),
    "an escape of half an emoji": (r'{"a": "\\ud83d"}', {"a": r"\ud83d"}),
    "decomposed letters": ('{"a": "cafe\u0301"}', {"a": "café"}),
    "a fence within a text": (
        json.dumps({"a": f"{F}js\nx = {{}}\n{F}"}),
        {"a": f"{F}js\nx = {{}}\n{F}"},
    ),
    "a fence within a text, fenced": (
        f"{F}json\n{json.dumps({'a': f'{F}js{F}'})}\n{F}",
        {"a": f"{F}js{F}"},
    ),
    "a string that holds JSON": (json.dumps(PLAIN), IT),
    "twice a string": (json.dumps(json.dumps(PLAIN)), IT),
    "wrapped in response": (f'{{"response": {PLAIN}}}', IT),
    "wrapped in data": (f'{{"data": {PLAIN}}}', IT),
    "wrapped in result, as a string": (json.dumps({"result": PLAIN}), IT),
    "result beside other keys": ('{"result": {"a": 1}, "b": 2}', {"result": {"a": 1}, "b": 2}),
    "result that is a text": ('{"result": "done"}', {"result": "done"}),
    "two objects, the larger": (f'{{"draft": true}}\n{PLAIN}', IT),
    "two fences, the first": (f'{F}json\n{PLAIN}\n{F}\nor\n{F}json\n{{"b": 1}}\n{F}', IT),
    "two fences, the first broken": (f'{F}json\n{{"a": \n{F}\n{F}json\n{PLAIN}\n{F}', IT),
    "unbalanced braces in a text": (f"So: {json.dumps({'a': '} ]'})}", {"a": "} ]"}),
    "empty object": ("{}", {}),
    "empty list": ("[]", []),
    "escapes in single quotes": (r"{'a': 'x\ny'}", {"a": "x\ny"}),
}
REFUSED = {
    "nothing": "",
    "spaces": " \n" * 2_000,
    "prose": "I have thought about it and the answer is not in that form.",
    "a number": "42",
    "a text": '"Maps"',
    "null": "null",
    "cut in a text": '{"title": "Maps", "tags": ["a", "b',
    "cut after a comma": '{"title": "Maps",',
    "cut in a key": '{"title": "Maps", "ta',
    "cut in a list": '{"clusters": [{"name": "a", "keywords": ["k1", "k2"]}, {"name": "b", "keyw',
    "cut in a fence": f'{F}json\n{{"title": "Maps", "tags": ["a"',
    "cut in a fence, closed": f'{F}json\n{{"title": "Maps", "tags": ["a"\n{F}',
    "one bracket too few": '{"title": "Maps", "tags": ["a", "b"}',
    "1e400": '{"a": 1e400}',
    "NaN": '{"score": NaN}',
    "Infinity": '{"score": -Infinity}',
    "duplicate keys": '{"title": "a", "title": "b"}',
    "depth of 21": "[" * 21 + "]" * 21,
    "depth of 10,000": "[" * 10_000 + "]" * 10_000,
    "10,000 open": "[" * 10_000,
    "10,000 open objects": '{"a":' * 10_000,
    "3 MB": json.dumps({"a": "x" * 3_000_000}),
    "100,000 elements": json.dumps(list(range(100_000))),
    "a list cut after its first": '[{"title": "Maps"}, {"tit',
    "10,000 remarks": "{it " * 10_000,
    "10,000 apostrophes": "{" + "it's " * 10_000,
    "1 MB of brackets": "[{" * 500_000,
    "1 MB of quotes": '{"a": ' + '"' * 1_000_000,
    "unquoted keys": "{title: Maps}",
    "HTML": "<html><body>It works!</body></html>",
    "JSON lines cut": '{"a": 1\n{"b": 2',
    "a lone fence": F,
}


@pytest.mark.parametrize("name", READ)
def test_it_reads(name):
    text, value = READ[name]
    assert read_json(text) == value


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(name):
    with pytest.raises(BadResponse):
        read_json(REFUSED[name])


@pytest.mark.parametrize("cut", range(1, len(PLAIN)))
def test_a_cut_answer_is_never_closed_by_guess(cut):
    for text in (PLAIN[:cut], f"Here:\n{F}json\n{PLAIN[:cut]}", f"{F}json\n{PLAIN[:cut]}\n{F}"):
        with pytest.raises(BadResponse):
            read_json(text)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(st.characters(codec="utf-8"), max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_repair_changes_nothing_that_is_right(value):
    text = json.dumps(value, ensure_ascii=False)
    assert json.loads(repaired(text)) == value
