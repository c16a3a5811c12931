//! ELF facts and ld.so.cache: SONAME, NEEDED, notes; cache reader and writer
