"""The ledger of an estimate: one table of lines, totals that are their sums, cash by year, and its export."""
