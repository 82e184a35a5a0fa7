"""Who does what for us outside, and what do they say? One port for each kind of provider, one adapter for each provider."""
