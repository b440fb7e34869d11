"""The workloads W1 to W5 of `notes/performance.md`, as GraphQL documents."""

from __future__ import annotations

from dataclasses import dataclass

W1 = """
{ salesCustomers(filter: {industry: {eq: SOFTWARE}}, order: [{field: CREATED_AT, direction: DESC}], first: 50) {
    nodes { id name region employees email website phones annualTurnover { amount currency } createdAt industry
            owner { name } }
    totalCount } }
"""
W2 = """
{ salesCustomers(order: [{field: CREATED_AT, direction: DESC}], first: 20) { nodes { id name
    contacts(first: 5) { nodes { id name post } }
    opportunities(first: 5) { nodes { id name amount { amount currency } owner { name } } } } } }
"""
W3 = """
query One($id: ID!) { salesCustomer(id: $id) { id name industry owner { name }
    contacts(first: 50) { nodes { id name post } }
    opportunities(first: 50) { nodes { id name amount { amount currency } } }
    followUps(first: 10) { nodes { id subject at } } } }
"""
W4 = """
mutation New($name: String!) { salesCustomerCreate(input: {name: $name, industry: SOFTWARE, region: "North"}) {
    record { id name version } errors { field code message } } }
"""
W5 = """
{ salesOpportunitiesSummary(groupBy: [{field: STAGE}], measures: [{function: COUNT}, {function: SUM, field: AMOUNT}]) {
    groups { value } measures { value amounts { amount currency } } } }
"""


@dataclass(frozen=True)
class Workload:
    """A document, what it is about, and whether it writes."""

    name: str
    about: str
    document: str
    writes: bool = False


WORKLOADS = (
    Workload("W1", "list of 50 with total", W1),
    Workload("W2", "20 with nested lists", W2),
    Workload("W3", "one with everything", W3),
    Workload("W4", "create", W4, writes=True),
    Workload("W5", "funnel", W5),
)
