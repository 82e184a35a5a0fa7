"""Pages: parameters in, one call, a template out."""
