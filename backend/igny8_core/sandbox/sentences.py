# ruff: noqa: E501 - one sentence a line reads and changes best
"""The sentences that sample articles are composed from.

They speak to whoever writes the real article: what belongs under a heading, what a reader asks
there, how to check it. None states a figure, a quote, a source or a brand. `{k}` is the primary
keyword, `{s}` a secondary one, `{h}` the heading, `{t}` the title; of `[a|b]` one is taken.
"""

import re

KINDS = (
    ("questions", re.compile(r"(?i)\bfaqs?\b|question|asked")),
    ("mistakes", re.compile(r"(?i)mistake|avoid|pitfall|wrong|problem|watch out")),
    ("closing", re.compile(r"(?i)conclu|summary|in short|next step|takeaway|where to go|final")),
    ("cost", re.compile(r"(?i)\bcosts?\b|pric|budget|cheap|free\b|worth")),
    ("compare", re.compile(r"(?i)\bvs\b|versus|compar|differ|alternativ|side by side|better")),
    ("choose", re.compile(r"(?i)choos|pick|select|decide|right for|checklist|criteria|look for")),
    ("steps", re.compile(r"(?i)step|how to|start|set up|before you|guide|process|plan\b|prepar")),
    ("examples", re.compile(r"(?i)example|option|\bbest\b|\btop\b|ideas|list|kinds|types")),
    ("meaning", re.compile(r"(?i)what|mean|defin|explain|overview|basics|introduc|about")),
    ("reasons", re.compile(r"(?i)why|benefit|reason|matter|advantage|gain")),
)


def kind_of(heading: str) -> str:
    """What a heading's section is about, as a key of `BY_KIND`."""
    return next((kind for kind, words in KINDS if words.search(heading)), "general")


LEADS = (
    "[Most|Many] people who look for {k} [arrive with|bring] one plain question, and this page [answers it first|begins with the answer].",
    "This page is about {k}: what it [covers|takes in], where people [get stuck|hesitate], and what to [settle|decide] before going further.",
    "Anyone [looking into|reading up on] {k} deserves a [straight|plain] answer [early|at the top], with the details in an order that makes sense.",
    "There is a lot of [loose|vague] advice about {k}, so it helps to [separate|sort] what [matters|counts] from what only sounds good.",
    "A [useful|good] page about {k} [does two things|has two jobs]: it explains the subject in plain words and it helps the reader [decide|choose] what to do next.",
    "Before going into detail on {k}, it [pays|helps] to say who this page is for and which [question|decision] it [settles|should settle].",
)

GENERAL = (
    "[Open|Begin] this part on {h} with the answer itself, and [keep|leave] the background for the second paragraph.",
    "[Say|State] early what {h} has to do with {k}, because the reader may have [jumped|scrolled] straight here.",
    "For {k}, one [concrete|worked] case [says|explains] more than a page of general advice.",
    "[Keep|Hold] the wording close to what people [type|search for], and use {s} where it [fits|reads] naturally.",
    "Where {s} [comes up|enters], explain how it [relates|belongs] to {k} in one [sentence|line] and move on.",
    "A [short|plain] definition [belongs|goes] here [if|where] the reader might read {h} in more than one way.",
    "[Name|Give] the one thing the reader should [remember|take away] about {k} after reading this part.",
    "If a claim about {k} [cannot be checked|has no source], leave it out or [say|admit] that it is an opinion.",
    "[Ask|Find out] what the reader [already knows|has tried] about {s}, and [start|pick up] from there.",
    "The [order|sequence] matters in this part: first the [need|problem], then the [options|choices], then what to do about {k}.",
    "[Use|Choose] the same [term|word] for the same thing throughout, above all when {k} and {s} [sound alike|overlap].",
    "A [picture|sketch|screenshot] would [earn its place|help] here, as long as it shows something about {k} that words [cannot|do not].",
    "Anything about {k} that [changes often|dates quickly] should [carry|show] the day it was last [checked|looked at].",
    "[Link|Point] from here to the page of this site that treats {s} in [full|more depth].",
    "[Readers|People] who [compare|weigh] several pages on {k} notice [quickly|at once] which one answers their question.",
    "What [separates|sets apart] a good treatment of {h} is that it [names|admits] the cases in which the advice does not [hold|apply].",
    "[Write|Put] the limits of this advice [next to|beside] the advice, so that nobody has to [hunt|search] for them.",
    "If the reader could ask one more question about {h}, [answer|settle] it in this paragraph.",
    "The [link|connection] between {s} and {k} is [easy|simple] to miss, so it deserves its own sentence [here|in this part].",
    "[Test|Check] this part by reading only its first sentence: it should still say something [true|useful] about {k}.",
    "[Avoid|Leave out] praise; the reader came for [facts|help] about {k} and can [judge|weigh] them alone.",
    "Someone who is new to {k} needs the [basics|groundwork] in this part, and someone who is not needs a [reason|cause] to read on.",
    "[Describe|Show] the [usual|common] case first and the [rare|odd] ones after it, each with what the reader should do about {k}.",
    "Where opinions about {s} [differ|part], [set out|give] both and say which [suits|fits] whom.",
    "[Break|Split] this up when it grows: {h} can [carry|hold] a short list without losing the thread.",
    "The [best|most useful] detail about {k} is [often|usually] the one that the reader would not have thought to ask for.",
    "A reader who [skims|scans] should be able to [find|spot] the answer about {s} without reading the [rest|whole part].",
    "[Say|Spell out] what {h} means in practice, in the words the reader would use for {k}.",
    "When {k} is [only part of|one part of] the question, [say|tell] where the other part is [answered|treated].",
    "[Think|Consider] what would make the reader [leave|give up] at this point, and [remove|strike] it from the text about {k}.",
    "If there is a [condition|catch], it belongs [in the open|up front]: the reader will [forgive|accept] a limit on {k} but not a surprise.",
    "[Experience|First-hand knowledge] shows in this part more than anywhere; [note|write down] what was [seen|tried] with {k} and when.",
    "[Ideally|At best], {h} [answers|settles] one question completely [rather than|instead of] touching three.",
    "[Put|Set] {s} into a sentence of its own, since people [look|search] for it [separately|by itself].",
    "Whatever is [said|claimed] here about {k} should [match|agree with] what the rest of the site says.",
    "[Give|Hand] the reader a way to [check|verify] the advice on {h} without [trusting|believing] anyone.",
    "[Plain|Short] words serve {k} better than [technical|trade] ones, unless the [technical|trade] word is what people search for.",
    "It is [worth|fair] saying who does not need {k} at all, and why.",
    "[Two|A few] sentences on how {s} [came to matter|fits in] are enough; the reader wants to [get on|move on].",
    "This is [also|equally] the place to [clear up|correct] the most common [misunderstanding|confusion] about {h}.",
    "[Numbers|Figures] about {k} belong here only with their source and date; until then, [describe|explain] in words.",
    "[Speak|Write] to one person: the reader, [today|right now], with a [decision|question] about {k} to settle.",
    "If {h} needs a table, [keep|limit] it to what the reader would [compare|look up] and nothing more.",
    "The same [question|thought] often [returns|comes back] in other words, so [mention|include] {s} as people put it.",
    "[Show|Explain] what happens [next|afterwards], because {h} is [rarely|seldom] where interest in {k} ends.",
    "A [careful|patient] reader will ask how this is known; [tell|let] them [know|see] what stands behind each point on {k}.",
    "[Leave|Make] room for an [objection|exception]: not everyone who [asks about|looks for] {s} wants the same thing.",
    "[Anchor|Tie] each point to {k}, and [drop|strike] the ones that would fit any subject.",
)

SHORT = (
    "[Keep|Make] {h} short and [useful|plain].",
    "[Answer|Settle] the main question about {k} first.",
    "[Say|Explain] how {s} fits in.",
    "[Stay|Keep] close to {k} here.",
    "[Give|Offer] one clear example of {s}.",
    "[Name|State] the limits of {h}.",
    "[Tell|Show] the reader what to do about {k}.",
    "[Check|Test] every claim about {k}.",
)

BY_KIND: dict[str, tuple[str, ...]] = {
    "mistakes": (
        "[List|Collect] the mistakes people make with {k} in the order they [happen|occur], and say how each one [shows|becomes visible].",
        "For every mistake, [add|give] the [repair|way back] as well: what to do once {k} has already gone wrong.",
        "The [costliest|worst] mistakes with {k} are [usually|often] made before the work starts, so [begin|open] there.",
        "[Explain|Say] why the mistake is [tempting|easy to make]; a warning about {s} without a reason is soon forgotten.",
        "[Separate|Tell apart] a real mistake from a matter of taste, or the reader will [worry|fret] about the wrong part of {k}.",
        "A [sign|symptom] that something is off with {s} is worth more here than a rule about {k}.",
    ),
    "steps": (
        "[Number|Order] the steps for {k} so that each [begins|starts] with a verb and ends with something the reader can see.",
        "[Before|Ahead of] the first step, [list|name] what must be at hand for {k}: tools, access, time and a [quiet|free] hour.",
        "[Mark|Point out] the step at which {k} is hardest to [undo|reverse], and suggest a [pause|check] before it.",
        "If a step [can be skipped|is optional], say for whom; the reader should not have to [guess|work out] that from {s}.",
        "[Describe|Show] the finished result as well, so that the reader knows when to [stop|leave off] with {k}.",
        "[Plan|Allow] for interruptions: tell the reader where the work on {k} can be [left|paused] and taken up again.",
        "Each step should [answer|settle] what to do, why now, and how to tell that {s} came out right.",
    ),
    "compare": (
        "[Compare|Judge] on the points that [decide|settle] the matter for the reader, not on every point that [can be listed|exists] for {k}.",
        "[Give|Grant] each side of {s} its best case before [naming|giving] a preference.",
        "Where two choices for {k} [come out even|are equal], say so, and [name|give] the habit or need that [tips|decides] it.",
        "A comparison about {k} is only fair when both sides were [looked at|tried] in the same way, so [describe|state] how.",
        "[Start|Begin] with the [difference|contrast] that the reader will feel first when using {s}.",
        "[Finish|End] the comparison of {k} with one line per kind of reader: [choose|take] this if, [choose|take] that if.",
    ),
    "cost": (
        "[Split|Divide] the cost of {k} into what is paid once, what [returns|comes back] each month, and what it takes in time.",
        "Prices [move|change]; [name|give] what drives the price of {k} and where the reader can see today's.",
        "[Mention|Include] the costs that are [easy to forget|often missed] with {s}: training, upkeep, and changing one's mind.",
        "If there is a free way into {k}, [say|tell] honestly what it [lacks|leaves out].",
        "[Help|Let] the reader work out a budget for {k} from their own case [instead of|rather than] from an average.",
    ),
    "choose": (
        "[Turn|Make] the choice about {k} into [three or four|a few] questions that the reader can answer with yes or no.",
        "The [first|main] question is what {k} has to do [every day|most often], since that [rules out|removes] most options.",
        "[Say|State] which wish can be [given up|dropped] when not everything about {s} can be had at once.",
        "[Describe|Sketch] the kind of reader for whom each choice of {k} is right, in words the reader would use.",
        "A [trial|test] beats a promise: [suggest|propose] a small one that shows within a day whether {s} [fits|works].",
        "[Warn|Caution] against choosing {k} by the longest list of features; what goes unused still has to be [learned|paid for].",
    ),
    "meaning": (
        "[Define|Explain] {k} in one sentence that a friend could [repeat|pass on], then add what the sentence leaves out.",
        "[Say|Tell] what {k} is not, because half of the confusion comes from its neighbours such as {s}.",
        "[Give|Offer] the everyday meaning of {k} first and the [expert's|specialist's] second.",
        "The [word|term] is used [loosely|in several ways]; [choose|fix] the meaning of {k} that this page [keeps to|uses].",
        "An [image|analogy] can help with {k}, as long as the text says where the [image|analogy] ends.",
        "[Show|Explain] where the reader meets {s} in practice; a definition [sticks|holds] when it has a place.",
    ),
    "reasons": (
        "[Give|List] the reasons for {k} in the order of their weight for the reader, with the honest one first.",
        "[Tie|Link] each benefit of {k} to someone who [gets|has] it, since a benefit for everyone convinces nobody.",
        "[Include|Add] the best reason against {k} as well; the reader will [think of|find] it anyway.",
        "[Ask|Consider] what happens if nothing is done about {s}, and [describe|tell] it without drama.",
        "A reason for {k} is strong when the reader can [check|test] it next week.",
    ),
    "examples": (
        "[Choose|Pick] examples of {k} that differ from each other, so that the reader finds at least one [close|near] to home.",
        "For each [example|option], [say|note] what it shows about {k}, whom it suits and what it [lacks|leaves open].",
        "[Order|Sort] the examples of {s} by need and not by fame.",
        "An example that failed teaches as much about {k} as one that [worked|went well]; [include|add] one.",
        "[Describe|Present] every option for {k} by the same points, so that the reader can [skip|jump] between them.",
        "[Explain|Say] how the list of {s} was made and what was left out of it.",
    ),
    "closing": (
        "[Repeat|Restate] the answer about {k} in one sentence, without [new|further] arguments.",
        "[Offer|Give] the reader one next step for {k} that can be taken today, and one that can wait.",
        "[Point|Lead] to the page on {s} for those who want to go [deeper|on], and let the others [leave|go] content.",
        "[Ask|Invite] the reader to [check|compare] the advice on {k} against their own case before [acting|spending] on it.",
        "A good ending on {k} [sounds|reads] like the start: [plain|calm], short and [sure|clear] of what it knows.",
    ),
    "questions": (
        "[Collect|Take] the questions on {k} from searches, letters and talks, and keep the wording people [use|chose].",
        "[Answer|Settle] each question on {k} in the first sentence and [explain|add the rest] after it.",
        "[Drop|Leave out] questions about {s} that nobody asked.",
    ),
    "general": (),
}

QUESTIONS = (
    (
        "What should I know about {k} before I start?",
        "{k} [rewards|repays] a little preparation: [know|settle] what you want from it and what you can [spare|give] before the first step.",
    ),
    (
        "Who is {k} for?",
        "[Describe|Name] here who gets something out of {k}, and [say|tell] just as plainly who does not.",
    ),
    (
        "How do I tell whether {k} suits me?",
        "[Try|Begin with] a small case of {k} first; if the answer to your own question is [clear|plain] afterwards, it suits you.",
    ),
    (
        "What goes wrong most often with {k}?",
        "[Starting|Beginning] without a goal: work on {k} then [drifts|wanders], and nobody can say when it is done.",
    ),
    (
        "Where can I read more about {k}?",
        "[Look|Turn] to the other pages of this site on {k}, and [prefer|favour] sources that give a date and a name.",
    ),
    (
        "How often should I look at {k} again?",
        "[Whenever|Each time] your own needs change; what was right about {k} then may not [hold|be right] now.",
    ),
)

# For sections too short for three sentences; the title makes them this article's own.
TITLED = (
    "[Here|In this part] {t} [comes|gets] to {k}.",
    "This is where {t} [speaks of|turns to] {k}.",
    "[What|All that] {t} [says|has to say] on this about {k} [belongs|goes] here.",
    "{t} [needs|wants] a [plain|short] [word|line] on {k} at this point.",
)

# Set before a sentence now and then, so that sentences follow from each other.
TURNS = (
    "In practice, ",
    "As a rule, ",
    "Above all, ",
    "Here too, ",
    "Where it helps, ",
    "As far as possible, ",
    "For most readers, ",
    "In plain words, ",
)
