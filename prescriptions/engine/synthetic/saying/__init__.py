"""The grammar that says a prescription in French: phrases with ids, orders of them, habits of prescribers, slips."""
