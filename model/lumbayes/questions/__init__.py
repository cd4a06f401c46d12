"""What people ask of a posterior: one module, one question."""
