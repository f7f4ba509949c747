# `from spatium cimport gelu`: see compiled.pxd.
from spatium.compiled cimport *
