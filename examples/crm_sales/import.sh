#!/bin/sh
# Imports the CRM sales opportunities of Maven Analytics into a freshly migrated database.
#
#   examples/crm_sales/import.sh DIR
#
# DIR holds accounts.csv, products.csv, sales_pipeline.csv and sales_teams.csv. What each step does stands in its mapping
# file beside this script, and is explained in docs/import.md. A second run changes nothing and says so.
set -eu

data=${1:?"usage: import.sh DIR"}
here=$(cd "$(dirname "$0")" && pwd)
tradepost=${TRADEPOST:-tradepost}

quoted() { # TEXT
    printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

load() { # MODEL FILE MAPPING
    echo "import $1 $(quoted "$2") --map $(quoted "$here/$3.json") --as admin"
}

steps() {
    load core.department "$data/sales_teams.csv" head_office
    load core.department "$data/sales_teams.csv" offices
    load core.user "$data/sales_teams.csv" managers
    load core.user "$data/sales_teams.csv" agents
    load core.user "$here/directors.csv" directors
    load core.grant "$here/grants.csv" grants
    load core.assignment "$data/sales_teams.csv" team_leads
    load core.assignment "$data/sales_teams.csv" salespeople
    load core.assignment "$here/directors.csv" sales_directors
    load sales.pipeline "$here/stages.csv" pipeline
    load sales.stage "$here/stages.csv" stages
    load sales.product "$data/products.csv" products
    load sales.customer "$data/accounts.csv" accounts
    load sales.opportunity "$data/sales_pipeline.csv" opportunities
}

steps | "$tradepost" batch -
