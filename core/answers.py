"""What every refusal of the API looks like, so that each operation can say which ones it gives (OpenAPI)."""

from ninja import Schema
from pydantic import ConfigDict, Field


class Error(Schema):
    """A refusal: nothing was changed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"code": "full", "message": "All places are taken.", "fields": {"mode": "All places are taken."}}
        }
    )

    code: str = Field(description="For programs; stays the same.")
    message: str = Field(description="For people, in the language of Accept-Language.")
    fields: dict[str, str] = Field(description="A sentence for each input that is wrong, by its name.")


WITH_BODY = (400, 413, 422)
"""Any request that brings JSON may bring none, too much of it, or the wrong one."""


def refusals(*statuses: int) -> dict[int, type[Error]]:
    """For `response={200: …, **refusals(404)}`."""
    return dict.fromkeys(sorted(statuses), Error)
