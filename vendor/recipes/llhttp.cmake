# Its source needs Node to generate the parser, so the library comes out of Debian's package as it is.
vendor_deb(llhttp FILES
  usr/include/llhttp.h=include/llhttp.h
  usr/lib/MULTIARCH/libllhttp.a=lib/libllhttp.a)
