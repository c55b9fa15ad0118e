// A package with a file in assembly may have functions without a body: runtime.mapclear is one.
