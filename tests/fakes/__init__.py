"""A world made of scripts: compilers, programs, and a project folder around them."""
