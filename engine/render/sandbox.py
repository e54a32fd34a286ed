"""The Jinja environment of messages: plain data only, nothing that grows without bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import date, time
from string import ascii_letters, digits
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from jinja2 import BytecodeCache, TemplateSyntaxError, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.loaders import BaseLoader
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace
from markupsafe import Markup

from engine.render.dated import QUANTITY, Dated, Item
from engine.render.filters import FILTERS, TESTS, few, fixed_range
from engine.render.guards import guarded, nothing_hidden, short_enough, too_deep
from engine.render.hollow import FILTER as HOLLOW
from engine.render.hollow import no_hole
from engine.render.meter import METER, TooMuch
from engine.render.missing import Missing
from engine.render.shown import put, put_in_markup, shown, shown_in_markup
from engine.render.text import blank

_TEXT_METHODS = frozenset(
    ["upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "startswith", "endswith", "split"]
)
_MAPPING_METHODS = frozenset(["items", "keys", "values", "get"])
# The only objects whose attributes a template may read; data is plain and everything else is closed.
_OPEN = (TemplateModule, TemplateReference, BlockReference, LoopContext, Namespace, Cycler, Joiner, date, time)
_SEEN = frozenset(ascii_letters + digits)  # a text that begins with one of them is not blank
_LARGEST_POWER = 64
_NUMBERS = (int, float)
_LARGEST_FACTOR = 1e15


class CompiledOnce(BytecodeCache):
    """Lets the environments of all locales, and of one release and the next, share compiled templates, in memory.

    Escaping is part of the compiled code but not of Jinja's own key, so it is added here: without it a
    message compiled for plain text would be used, unescaped, in HTML. Whatever else differs between environments must
    not be folded into the code: filters of a locale or a catalogue take the context, which no constant has.
    """

    def __init__(self, most: int = 4_000) -> None:
        self._most = most
        self._code: OrderedDict[tuple[str, str, bool], Any] = OrderedDict()

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get(self._key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[self._key(bucket)] = bucket.code
        while len(self._code) > self._most:
            self._code.popitem(last=False)

    @staticmethod
    def _key(bucket: Bucket) -> tuple[str, str, bool]:
        return bucket.key, bucket.checksum, bool(bucket.environment.autoescape)


COMPILED = CompiledOnce()


class Output(CodeGenerator):
    """Jinja's compiler, which calls one function for each value that is shown, in place of two."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.put(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile:
            super()._output_child_post(node, frame, finalize)
        else:
            self.write(")")


class LightContext(Context):
    """What a template is rendered with, in fewer steps: Jinja copies the names of all globals each time."""

    def __init__(self, environment: Any, parent: Any, name: Any, blocks: Any, globals: Any = None) -> None:
        super().__init__(environment, parent, name, blocks)
        self.globals_keys = set() if globals is None else globals.keys()


class MessageEnvironment(ImmutableSandboxedEnvironment):
    """One for markup and one for plain text in each locale: Jinja fixes escaping when it compiles."""

    context_class = LightContext
    code_generator_class = Output
    newstyle_gettext: bool
    translators: frozenset[Any] = frozenset()  # our own functions of gettext, which need no look at what they are
    open_methods: frozenset[Any] = frozenset()  # nor do these
    intercepted_binops = frozenset(["*", "**", "%", "+"])

    def __init__(self, loader: BaseLoader, *, markup: bool) -> None:
        super().__init__(
            loader=loader,
            autoescape=markup,
            undefined=Missing,
            finalize=shown_in_markup if markup else shown,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            bytecode_cache=COMPILED,
        )
        self.put = put_in_markup if markup else put
        self.policies["ext.i18n.trimmed"] = True
        self.newstyle_gettext = True  # the variables of a text go to gettext, which fills them in
        self.filters = {**FILTERS, HOLLOW: no_hole, "shown text": shown_in_markup if markup else shown}
        self.tests = dict(TESTS)
        for name in ("lipsum", "dict"):
            self.globals.pop(name, None)
        self.globals["range"] = fixed_range

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            short_enough(source)
            nothing_hidden(source)
            try:
                tree = guarded(super()._parse(source, name, filename))
            except RecursionError:
                raise too_deep(1) from None
        except TemplateSyntaxError as fault:
            fault.filename = fault.filename or filename
            fault.name = fault.name or name
            raise
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        kind = type(obj)
        if kind is dict or kind is Item:  # what most reads are of, in the fewest steps; the rest is in `_value`
            value = obj.get(attribute)
            if type(value) is not str:
                if value is not None:
                    if kind is Item and attribute != QUANTITY:
                        obj.note(attribute, value)
                    return value
            elif value[:1] in _SEEN:
                return value
        elif kind is TemplateModule:
            value = vars(obj).get(attribute)
            if type(value) is Macro and attribute[0] != "_":
                return value
        return self._value(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self._value(obj, argument)

    def _value(self, obj: Any, key: Any) -> Any:
        if type(obj) is dict or isinstance(obj, Mapping):  # the first alone is a tenth of the price
            value = obj.get(key)
            if type(obj) is not dict and isinstance(obj, Item):
                if type(obj) is Dated:
                    for name in obj if value is None and key in _MAPPING_METHODS else (key,):
                        obj.check(name, obj.get(name))
                obj.note(key, value)
            if value is None and key in _MAPPING_METHODS:
                return super().getattr(obj, key)
        elif isinstance(obj, list | tuple):
            if not isinstance(key, int | slice):
                return Missing(obj=obj, name=str(key))
            try:
                value = METER.weigh(obj[key]) if isinstance(key, slice) else obj[key]
            except IndexError:
                value = None
        elif isinstance(obj, str):
            if key in _TEXT_METHODS:
                return super().getattr(obj, key)
            value = METER.weigh(obj)[key] if isinstance(key, slice) else None
        elif isinstance(obj, _OPEN) and isinstance(key, str):
            return super().getattr(obj, key)
        elif isinstance(obj, Missing):
            return obj  # so that the first value that was missing is the one named, once it is shown
        else:
            value = None
        if value is None or (isinstance(value, str) and blank(value if len(value) < 256 else METER.weigh(value))):
            return Missing(obj=obj, name=str(key))
        return value

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        METER.charge()
        kind = type(obj)
        if kind is FunctionType and obj in self.translators:
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            return obj(context, *args, **kwargs)
        if kind is Macro:
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            found = obj(context.eval_ctx, *args, **kwargs)
            if type(found) is Markup:  # and nothing else: a plain text may be the very value that it was made of
                METER.whole = found
            return found
        if kind is MethodType and obj.__func__ in self.open_methods:
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            return obj(*args, **kwargs)
        if kind is BuiltinMethodType and isinstance(obj.__self__, str):
            METER.weigh(obj.__self__)
            for each in args:
                few(each)
            if obj.__name__ in _TEXT_METHODS:
                kwargs.pop("_loop_vars", None)
                kwargs.pop("_block_vars", None)
                return obj(*args, **kwargs)
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        METER.charge()
        plain = operator == "*" and type(left) in _NUMBERS and type(right) in _NUMBERS
        if plain and abs(left) <= _LARGEST_FACTOR and abs(right) <= _LARGEST_FACTOR:
            return left * right
        if isinstance(left, Missing):
            return str(left)
        if operator in ("*", "**", "%"):
            if not all(isinstance(side, int | float) for side in (left, right)):
                if isinstance(right, Missing):
                    return str(right)
                raise TypeError(f"'{operator}' is for numbers only.")
            if operator == "**" and (abs(left) > 1_000_000 or abs(right) > _LARGEST_POWER):
                raise TooMuch("that power is too large.")
            if operator == "*" and max(abs(left), abs(right)) > _LARGEST_FACTOR:
                raise TooMuch("that product is too large.")
        return METER.text(super().call_binop(context, operator, left, right))
