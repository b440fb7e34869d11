"""Adds up what must have been in stock before the first order, and lists what was shipped: `opening.py DIR OUT`."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """A file of rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def main(data: Path, out: Path) -> None:
    """The opening stock and the shipments."""
    orders = {row["order_id"]: row for row in read(data / "orders.csv")}
    left: Counter[str] = Counter({row["product_id"]: int(row["units_in_stock"]) for row in read(data / "products.csv")})
    shipped: list[tuple[object, ...]] = []
    for row in read(data / "order_details.csv"):
        day = orders[row["order_id"]]["shipped_date"]
        if day:
            left[row["product_id"]] += int(row["quantity"])
            shipped.append(("Shipment", row["order_id"], f"{day} 12:00", row["product_id"], row["quantity"]))
    first = min(date.fromisoformat(row["order_date"]) for row in orders.values()) - timedelta(days=1)
    opening = [(f"{first} 12:00", product, quantity) for product, quantity in left.items() if quantity]
    write(out / "opening.csv", ("at", "product_id", "quantity"), opening)
    write(out / "shipments.csv", ("kind", "order_id", "shipped_date", "product_id", "quantity"), shipped)


main(Path(sys.argv[1]), Path(sys.argv[2]))
