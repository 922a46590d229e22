"""What OpenAPI says beyond the routes: problems, and the token."""

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from kpi_pipeline.dashboard.problems import ProblemShape

BEARER = {"type": "http", "scheme": "bearer", "description": "The dashboard's token."}


def describe(app: FastAPI) -> None:
    """Have an app's description complete."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = plain()
            parts = found.setdefault("components", {})
            parts.setdefault("schemas", {})["Problem"] = TypeAdapter(ProblemShape).json_schema()
            parts["securitySchemes"] = {"token": BEARER}
            for path in found["paths"].values():
                if "post" in path:
                    path["post"]["security"] = [{"token": []}]
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way
