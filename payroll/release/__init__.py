"""Between an approved run and money on accounts: approve, release, answers, reissue, pack."""
