"""Programs that check how far the figures of seqbench can be trusted; none is part of the package."""
