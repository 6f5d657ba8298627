# lib/codec/delta.c
# each copy but the first is one byte off
s/r->base = ret->offset + ret->len;/r->base = ret->offset + ret->len - 1;/
