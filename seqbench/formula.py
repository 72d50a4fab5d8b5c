"""Parse and evaluate integer arithmetic over named parameters for TOML files, without `eval`. Pure."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_LARGEST_EXPONENT = 64
_LARGEST_POWER_BITS = 4096
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


_FUNCTIONS: dict[str, Callable[[list[int]], int]] = {"max": max, "min": min}


class FormulaError(ValueError):
    """The text is not integer arithmetic over the parameters; the message names the invalid part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """An integer expression such as `leaves * (leaves - 1) // 2`, with the names in it."""

    text: str
    names: frozenset[str]

    def value(self, parameters: Mapping[str, int]) -> int:
        """Evaluate the expression for these parameters.

        Raises
        ------
        FormulaError
            A name is unknown, a division is by zero, a power is too large, or the nesting is too deep.
        """
        try:
            return _value(ast.parse(self.text, mode="eval").body, parameters)
        except RecursionError:
            raise FormulaError(f"{self.text[:40]!r}... is too long or nested too deeply") from None


def parse_formula(text: str) -> Formula:
    """Parse an expression of integers, names, `+ - * // % **`, `max`, `min` and parentheses.

    Raises
    ------
    FormulaError
        The text contains anything else.

    Examples
    --------
    >>> parse_formula("leaves * (leaves - 1) // 2").value({"leaves": 1_000_000})
    499999500000
    >>> parse_formula("open(leaves)")
    Traceback (most recent call last):
    seqbench.formula.FormulaError: 'open(leaves)' contains a call of 'open': expected ...
    """
    try:
        body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # the last two: too deep nesting
        raise FormulaError(f"{text!r} is not an expression") from error
    for node in ast.walk(body):
        if isinstance(node, ast.Constant) and type(node.value) is not int:
            raise FormulaError(f"{text!r} contains {node.value!r}, which is not an integer")
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else type(node.func).__name__
            if called not in _FUNCTIONS or node.keywords or not node.args:
                raise FormulaError(f"{text!r} contains a call of {called!r}: expected max(...) or min(...)")
        elif not isinstance(node, _ALLOWED):
            raise FormulaError(
                f"{text!r} contains {type(node).__name__}: expected only integers, parameters, parentheses "
                "and + - * // % **"
            )
    functions = {node.func for node in ast.walk(body) if isinstance(node, ast.Call)}
    names = {node.id for node in ast.walk(body) if isinstance(node, ast.Name) and node not in functions}
    return Formula(text=text, names=frozenset(names))


_ALLOWED = (ast.BinOp, ast.UnaryOp, ast.USub, ast.Constant, ast.Name, ast.Load, *_OPERATORS)


def _value(node: ast.expr, parameters: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            if name not in parameters:
                raise FormulaError(f"unknown parameter {name!r}; available: {', '.join(parameters) or 'none'}")
            return parameters[name]
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _FUNCTIONS[name]([_value(argument, parameters) for argument in arguments])
        case ast.UnaryOp(operand=operand):
            return -_value(operand, parameters)
        case ast.BinOp(left=left, op=op, right=right):
            first, second = _value(left, parameters), _value(right, parameters)
            if isinstance(op, ast.Pow) and not 0 <= second <= _LARGEST_EXPONENT:
                raise FormulaError(f"the exponent {second} is not between 0 and {_LARGEST_EXPONENT}")
            if isinstance(op, ast.Pow) and first.bit_length() * second > _LARGEST_POWER_BITS:
                raise FormulaError(f"the power to {second} is too large: expected at most {_LARGEST_POWER_BITS} bits")
            if isinstance(op, ast.FloorDiv | ast.Mod) and second == 0:
                raise FormulaError("division by zero")
            return _OPERATORS[type(op)](first, second)
        case _:
            raise FormulaError(f"{type(node).__name__} is not arithmetic")
