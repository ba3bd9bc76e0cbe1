"""An independent opinion on state machines: cfn-lint's schema of AWS, and moto's parser.

Neither looks where `Next` leads; that is done here, without the code under test. Moto is not
asked about distributed maps, of which it knows a part only.
"""

import functools
import json
from collections.abc import Iterator
from typing import Any

from cfnlint.context import create_context_for_template
from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.rules.resources.stepfunctions.StateMachineDefinition import StateMachineDefinition
from cfnlint.template import Template
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser


def asl_mistakes(document: dict[str, Any]) -> list[str]:
    """Return what is wrong with a definition."""
    found = _rule().validate(_validator(), None, {"Definition": document}, {})
    return [*(error.message for error in found), *_lost(document), *_parsed(document)]


@functools.cache
def _rule() -> StateMachineDefinition:
    return StateMachineDefinition()


@functools.cache
def _validator() -> Any:
    template = Template("", {"Resources": {}}, regions=["us-east-1"])
    return CfnTemplateValidator({}).evolve(
        cfn=template, context=create_context_for_template(template)
    )


def _lost(scope: dict[str, Any]) -> Iterator[str]:
    states = scope["States"]
    for name, state in states.items():
        targets = {state.get("Next"), state.get("Default")}
        targets |= {each.get("Next") for each in state.get("Choices", [])}
        targets |= {each.get("Next") for each in state.get("Catch", [])}
        for target in targets - {None, *states}:
            yield f"{name} leads to {target}, which is not there"
        inner = [*state.get("Branches", []), state.get("ItemProcessor")]
        for each in inner:
            if each:
                yield from _lost(each)


def _parsed(document: dict[str, Any]) -> Iterator[str]:
    text = json.dumps(document)
    if '"DISTRIBUTED"' in text:
        return
    try:
        AmazonStateLanguageParser.parse(text)
    except Exception as error:  # noqa: BLE001  it raises of every kind
        yield str(error)
