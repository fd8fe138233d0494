"""The processes that are measured: each reads orders from its stdin and answers with figures."""
