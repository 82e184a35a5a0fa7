"""The JSON API: parameters in, one call, a struct out."""
