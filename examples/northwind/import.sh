#!/bin/sh
# Imports Northwind, a food distributor, into a freshly migrated database, and ships what was shipped.
#
#   examples/northwind/import.sh DIR
#
# DIR holds customers.csv, suppliers.csv, products.csv, employees.csv, orders.csv and order_details.csv. Stock is received on the
# day before the first order, so much that everything can be shipped and what the products say is left over; opening.py
# adds that up. A second run imports nothing new and ships nothing again.
set -eu

data=${1:?"usage: import.sh DIR"}
here=$(cd "$(dirname "$0")" && pwd)
tradepost=${TRADEPOST:-tradepost}
made=$(mktemp -d)
trap 'rm -r "$made"' EXIT

quoted() { # TEXT
    printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

load() { # MODEL FILE MAPPING
    echo "import $1 $(quoted "$2") --map $(quoted "$here/$3.json") --as admin"
}

"${PYTHON:-python3}" "$here/opening.py" "$data" "$made"

drafts='{"state": {"eq": "DRAFT"}}'

steps() {
    load core.user "$data/employees.csv" employees
    load sales.customer "$data/customers.csv" customers
    load sales.contact "$data/customers.csv" contacts
    load distribution.supplier "$data/suppliers.csv" suppliers
    load sales.product "$data/products.csv" products
    load distribution.supplier "$data/products.csv" supplies
    load distribution.place "$here/warehouses.csv" warehouses
    load sales.order "$data/orders.csv" orders
    load sales.order_line "$data/order_details.csv" lines

    echo "act sales.order confirm --filter '$drafts' --order number --as admin"

    load distribution.document "$made/opening.csv" opening
    load distribution.document "$made/shipments.csv" shipments

    echo "act distribution.document confirm --filter '$drafts' --order at --order number --as admin"
}

steps | "$tradepost" batch -
