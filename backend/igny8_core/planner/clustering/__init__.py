"""Group keywords by what a searcher wants: pure functions over texts, no models, no Django."""
