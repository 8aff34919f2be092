"""Sessions: charging minutes, moving sessions, folding settled ones into statistics."""
