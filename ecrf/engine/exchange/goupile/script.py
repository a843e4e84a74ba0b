"""One native page as a page script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from ecrf.engine.exchange.goupile.archive import spelt
from ecrf.engine.exchange.goupile.javascript import Printer, Untold
from ecrf.engine.faults import Fault
from ecrf.engine.values import EXPRESSION_TYPES

WIDGETS = {
    ("text", ""): "text", ("text", "lines"): "textArea", ("text", "secret"): "password", ("text", "pin"): "pin",
    ("date", ""): "date", ("partial_date", ""): "month", ("time", ""): "time", ("file", ""): "file",
    ("choice", "radio"): "enumRadio", ("choice", "buttons"): "enumButtons", ("choice", ""): "enumRadio",
    ("choice", "yesno"): "enumButtons", ("choice", "list"): "enumDrop", ("choice", "search"): "enumDrop",
    ("choices", ""): "multiCheck", ("choices", "buttons"): "multiButtons",
}  # fmt: skip
LOST = (
    "max_length",
    "max_ticked",
    "min_ticked",
    "identifier",
    "codings",
    "format",
    "order",
    "choice_filter",
    "list",
    "image",
)


class PageWriter:
    def __init__(self, data: Mapping[str, Any], page: Mapping[str, Any], place: str, places: Mapping[str, str]) -> None:
        self.page, self.place, self.places = page, place, places
        self.language = data["languages"][0]
        self.items = {item["key"]: item for one in data["pages"] for group in one["groups"] for item in group["items"]}
        self.repeats = {
            item["key"]: group["repeat"]["key"]
            for one in data["pages"]
            for group in one["groups"]
            if "repeat" in group
            for item in group["items"]
        }
        self.conditional = {
            item["key"]
            for one in data["pages"]
            for group in one["groups"]
            for item in group["items"]
            if "visible_if" in item or "visible_if" in group
        }
        self.lost: list[Fault] = []
        self.said: set[str] = set()
        kinds = {key: EXPRESSION_TYPES.get(item["type"], "text") for key, item in self.items.items()}
        self.printer = Printer(self.variable, kinds, self.value)
        self.checks = 0

    @property
    def helpers(self) -> set[str]:
        return self.printer.helpers

    def words(self, texts: Mapping[str, str] | None) -> str:
        return (texts or {}).get(self.language) or next(iter((texts or {}).values()), "")

    def miss(self, place: str, what: str) -> None:
        self.lost.append(Fault(place, "not_carried", {"what": what}))

    def path(self, key: str) -> list[str]:
        item = self.items[key]
        path = str(item.get("source", {}).get("goupile.path", key)).split(".")
        return path[1:] if key in self.repeats and len(path) > 1 else path

    def name(self, key: str) -> str:
        path = self.path(key)
        return spelt(path[0]) if len(path) == 1 else json.dumps(path)

    def variable(self, key: str) -> str:
        """What is not shown reads as empty: a widget that may not be there is asked for its value."""
        if self.places.get(key) != self.page["key"]:
            return f"thread.data.{self.places.get(key, '_')}.{key}"
        if key in self.repeats:
            return "row." + "?.".join(self.path(key))
        if key in self.conditional and key in self.said:
            return f"form.value({self.name(key)})"
        return "values." + "?.".join(self.path(key))

    def value(self, key: str, code: str) -> Any:
        """What a code is in the script."""
        item = self.items.get(key, {})
        codes = [choice["code"] for choice in item.get("choices", ())]
        source = item.get("source", {})
        if code in codes and "goupile.values" in source:
            values = json.loads(source["goupile.values"])
            return values[codes.index(code)] if len(values) == len(codes) else code
        if code in codes and item["choices"][codes.index(code)].get("exclusive"):
            return None
        return code

    def script(self, library: str) -> str:
        lines: list[str] = []
        for tab, groups in groupby(enumerate(self.page["groups"]), lambda one: self.words(one[1].get("tab"))):
            if tab:
                lines += [
                    f"form.tab({spelt(tab)}, () => {{",
                    *indented(line for group in groups for line in self.group(*group)),
                    "})",
                ]
            else:
                lines += [line for group in groups for line in self.group(*group)]
        lines = self.tabbed(lines)
        if summary := self.page.get("summary"):
            lines.append(f"meta.summary = {self.told(summary, f'{self.place}.summary') or 'undefined'}")
        if hid := self.page.get("source", {}).get("goupile.hid"):
            lines.append(f"meta.hid = {self.told(json.loads(hid), f'{self.place}.source') or 'undefined'}")
        if self.helpers:
            lines.insert(0, f'import {{ {", ".join(sorted(self.helpers))} }} from "../{library}"\n')
        return "\n".join([*lines, ""])

    def tabbed(self, lines: list[str]) -> list[str]:
        made: list[str] = []
        inside = False
        for line in lines:
            opening = line.startswith("form.tab(")
            if opening and not inside:
                made.append(f"form.tabs({spelt(self.page['key'])}, () => {{")
                inside = True
            elif inside and not opening and not line.startswith((" ", "})")):
                made.append("})")
                inside = False
            made.append(f"    {line}" if inside else line)
        return [*made, "})"] if inside else made

    def group(self, number: int, group: Mapping[str, Any]) -> list[str]:
        place = f"{self.place}.groups.{number}"
        if "matrix" in group:
            self.miss(f"{place}.matrix", "matrix")
        lines: list[str] = [f"form.output({spelt(self.words(group['help']))})"] if group.get("help") else []
        for index, item in enumerate(group["items"]):
            beside = group.get("columns", 1) > 1 and index % group["columns"] > 0
            lines += self.item(item, f"{place}.items.{index}", beside=beside)
        if "repeat" in group:
            key = group.get("source", {}).get("goupile.path", group["repeat"]["key"])
            lines = [f"form.repeat({spelt(key)}, row => {{", *indented(lines), "})"]
        if title := self.words(group.get("title")):
            options = ", { deploy: false }" if group.get("collapsed") else ""
            lines = [f"form.section({spelt(title)}, () => {{", *indented(lines), f"}}{options})"]
        return self.when(group.get("visible_if"), lines, f"{place}.visible_if")

    def when(self, test: Any, lines: list[str], place: str) -> list[str]:
        if test is None:
            return lines
        made = self.asked(test, place, wanted=True)
        return (
            [f"if {made if made.startswith('(') and made.endswith(')') else f'({made})'} {{", *indented(lines), "}"]
            if made
            else lines
        )

    def asked(self, test: Any, place: str, *, wanted: bool) -> str:
        try:
            made = self.printer.question(test, wanted)
        except Untold as fault:
            self.miss(place, str(fault))
            return ""
        return f"({made})"

    def told(self, node: Any, place: str) -> str:
        try:
            return self.printer.write(node)
        except Untold as fault:
            self.miss(place, str(fault))
            return ""

    def item(self, item: Mapping[str, Any], place: str, *, beside: bool) -> list[str]:
        for name in LOST:
            if name in item and not (name == "image" and item["type"] == "output"):
                self.miss(f"{place}.{name}", name)
        test = item.get("visible_if")
        line = self.call(item, place)
        checks = self.checked(item, place)
        self.said.add(item["key"])
        own = [f"form.sameLine(); {line}" if beside else line, *checks]
        return self.when(test, own, f"{place}.visible_if")

    def call(self, item: Mapping[str, Any], place: str) -> str:
        key, label = self.name(item["key"]), spelt(self.words(item["label"]))
        if item["type"] == "output":
            return self.output(item)
        if "calc" in item:
            value = self.told(item["calc"], f"{place}.calc") or "undefined"
            if assigned := item.get("source", {}).get("goupile.assigned"):
                return f"values.{assigned} = {self.coded(item, value)}"
            options = [f"decimals: {item['shown_decimals']}"] if item.get("shown_decimals", 2) != 2 else []
            return f"form.calc({key}, {label}, {value}{self.braces([*options, *self.options(item, place)])})"
        look = item.get("look", "")
        if item["type"] in ("integer", "decimal"):
            widget = "slider" if look in ("slider", "vas") else "number"
        else:
            widget = WIDGETS.get((item["type"], look)) or WIDGETS.get((item["type"], "")) or "text"
            if (item["type"], look) not in WIDGETS:
                self.miss(f"{place}.{'look' if look else 'type'}", look or item["type"])
        if self.is_yes_no(item):
            widget = "boolean" if self.value(item["key"], item["choices"][0]["code"]) is True else "binary"
        elif "choices" in item:
            pairs = [
                f"[{spelt(self.value(item['key'], one['code']))}, {spelt(self.words(one['label']))}]"
                for one in item["choices"]
                if not one.get("retired")
            ]
            label += f", [{', '.join(pairs)}]"
        return f"form.{widget}({key}, {label}{self.braces(self.options(item, place))})"

    def coded(self, item: Mapping[str, Any], value: str) -> str:
        """A truth that the form keeps as a choice is a truth again."""
        return f'({value}) === "true"' if item["type"] == "choice" else value

    def is_yes_no(self, item: Mapping[str, Any]) -> bool:
        if item.get("look") != "yesno" or len(item.get("choices", ())) != 2:
            return False
        values = [self.value(item["key"], one["code"]) for one in item["choices"]]
        return values in ([1, 0], [True, False]) and all(isinstance(value, int) for value in values)

    def output(self, item: Mapping[str, Any]) -> str:
        words = "".join(f"<p>{escaped(line)}</p>" for line in self.words(item["label"]).split("\n"))
        if image := item.get("image"):
            words += f'<img src=${{ENV.urls.files + {spelt(image)}}} alt="">'
        return f"form.output(html`{words}`)"

    def braces(self, options: list[str]) -> str:
        return f", {{ {', '.join(options)} }}" if options else ""

    def options(self, item: Mapping[str, Any], place: str) -> list[str]:
        made = [
            f"{'value' if name == 'default' else name}: {value}"
            for name in ("min", "max", "default")
            if name in item and (value := self.told(self.code(item, item[name]), f"{place}.{name}"))
        ]
        if item["type"] == "decimal" and "calc" not in item:
            made.append(f"decimals: {item.get('decimals', 6)}")
        if item.get("required"):
            made.append("mandatory: true")
        elif "required_if" in item and (test := self.asked(item["required_if"], f"{place}.required_if", wanted=True)):
            made.append(f"mandatory: {test}")
        if item.get("readonly"):
            made.append("readonly: true")
        elif "readonly_if" in item and (test := self.asked(item["readonly_if"], f"{place}.readonly_if", wanted=True)):
            made.append(f"readonly: {test}")
        texts = ((name, self.words(item.get(name))) for name in ("help", "prefix", "suffix", "placeholder"))
        made += [f"{name}: {spelt(words)}" for name, words in texts if words]
        if item.get("unit") and not item.get("suffix"):
            made.append(f"suffix: {spelt(item['unit'])}")
        if item.get("range") == "warn":
            made.append("block: false")
        made += [
            f"{name}: {json.dumps(item[name])}"
            for name in ("rows", "columns", "seconds", "annotate", "public", "hidden", "untoggle")
            if name in item
        ]
        if ticks := item.get("ticks"):
            made.append(
                "ticks: { "
                + ", ".join(f"{one['at']}: {spelt(self.words(one.get('label')) or one['at'])}" for one in ticks)
                + " }"
            )
        if ends := item.get("ends"):
            made += [f"{name}: {spelt(self.words(end))}" for name, end in (("prefix", ends[0]), ("suffix", ends[-1]))]
        if tags := item.get("tags"):
            made.append("tags: [" + ", ".join(f"{{ key: {spelt(tag)}, label: {spelt(tag)} }}" for tag in tags) + "]")
        return made

    def code(self, item: Mapping[str, Any], node: Any) -> Any:
        """A default of a choice is the script's own value."""
        if item["type"] != "choice":
            return node
        if node[0] == "text" and isinstance(node[1], str):
            value = self.value(item["key"], node[1])
            if isinstance(value, bool):
                return ["boolean", value]
            return ["number", str(value)] if isinstance(value, int | float) else ["text", value]
        return [node[0], node[1], *(self.code(item, part) for part in node[2:])] if node[0] == "if" else node

    def checked(self, item: Mapping[str, Any], place: str) -> list[str]:
        lines = []
        name = self.name(item["key"])
        self.said.add(item["key"])
        for number, check in enumerate(item.get("checks", ())):
            test = self.asked(check["holds"], f"{place}.checks.{number}", wanted=False)
            if check["severity"] == "query":
                self.miss(f"{place}.checks.{number}.severity", "query")
            how = self.braces(
                [
                    *(["block: false"] if check["severity"] != "block" else []),
                    *(["delay: true"] if check.get("when") == "save" else []),
                ]
            )
            if test:
                lines.append(f"if {test} form.error({name}, {spelt(self.words(check['message']))}{how})")
        if pattern := item.get("pattern"):
            value = self.variable(item["key"])
            if "/" in pattern or "\n" in pattern:
                self.miss(f"{place}.pattern", "pattern")
            elif item.get("look") != "pin":
                lines.append(f"if ({value} && !/^(?:{pattern})$/.test({value})) form.error({name}, {spelt(pattern)})")
        if item.get("unique"):
            lines.append(f'meta.constrain({name}, "unique")')
        return lines


def indented(lines: Any) -> list[str]:
    return [f"    {line}" for line in lines]


def escaped(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    )
