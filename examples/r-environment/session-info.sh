# What R says of itself with these packages, kept in the image.
mkdir -p /usr/share/r-environment
Rscript -e 'for (name in c("ggplot2", "dplyr", "jsonlite")) library(name, character.only = TRUE)' \
    -e 'info <- sessionInfo()' -e 'info$running <- NULL; info$matprod <- NULL' \
    -e 'writeLines(capture.output(print(info)), "/usr/share/r-environment/session-info.txt")'
