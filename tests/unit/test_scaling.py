import pytest

from components.core.checks import ArgumentsError
from components.core.scaling import Dimension


@pytest.mark.parametrize(("maximum", "fits"), [(5, True), (4, False)])
def test_the_maximum_is_not_below_the_minimum(maximum: int, fits: bool) -> None:
    def make() -> None:
        Dimension(
            namespace="dynamodb",
            resource_id="table/items",
            name="dynamodb:table:ReadCapacityUnits",
            metric="DynamoDBReadCapacityUtilization",
            minimum=5,
            maximum=maximum,
            target=70,
        )

    if fits:
        make()
    else:
        with pytest.raises(ArgumentsError, match="is 4: allowed is 5 or more"):
            make()
