#!/bin/sh
# Calls the variants of one sample: genome (FASTA) and paired reads (FASTQ) in, VCF and BAM out.
#
# Runs outside a container as well, with PIPELINE_INPUTS and PIPELINE_OUTPUTS set to other folders.
set -eu
LC_ALL=C
export LC_ALL

inputs=${PIPELINE_INPUTS:-/pipeline/inputs}
outputs=${PIPELINE_OUTPUTS:-/pipeline/outputs}
config=${PIPELINE_CONFIG:-$inputs/config.json}
# Fixed, so that the same inputs give the same bytes on every machine.
threads=${PIPELINE_THREADS:-2}

progress() { printf '::ruche::progress %s %s\n' "$1" "$2"; }

die() {
    printf '%s\n' "variant-calling: $*" >&2
    exit 1
}

# parameter KEY DEFAULT: a scalar under "job" in config.json.
parameter() {
    value=
    if [ -f "$config" ]; then value=$(awk -v wanted="$1" -f "$(dirname "$0")/parameter.awk" "$config"); fi
    printf '%s\n' "${value:-$2}"
}

# only WHAT FILE…: the one file of a list; a pattern without a match counts as none.
only() {
    what=$1
    shift
    found=
    for file do
        [ -f "$file" ] || continue
        [ -z "$found" ] || die "several inputs look like $what ($(basename "$found"), $(basename "$file")); give one"
        found=$file
    done
    [ -n "$found" ] || die "no input looks like $what"
    printf '%s\n' "$found"
}

# The exit status of a pipe is its last command's: the first one leaves a file when it fails.
must() { "$@" || { : >failed; exit 1; }; }

plain() { case $1 in *.gz) gzip -dc "$1" ;; *) cat "$1" ;; esac; }

ploidy=$(parameter ploidy 1)
quality=$(parameter min_base_quality 13)
caller=$(parameter caller multiallelic)
genome=$(parameter genome '')

case $ploidy in 1 | 2) ;; *) die "ploidy is $ploidy; bcftools calls 1 and 2" ;; esac
case $quality in '' | *[!0-9]*) die "min_base_quality is $quality; give a whole number" ;; esac
case $caller in
multiallelic) call=-m ;;
consensus) call=-c ;;
*) die "caller is $caller; give multiallelic or consensus" ;;
esac
case $genome in */*) die "genome is $genome; give the name of an input" ;; esac

if [ -n "$genome" ]; then
    genome=$inputs/$genome
    [ -f "$genome" ] || die "there is no input $(basename "$genome")"
else
    genome=$(only 'a genome (*.fa, *.fasta, *.fna, also with .gz)' \
        "$inputs"/*.fa "$inputs"/*.fasta "$inputs"/*.fna \
        "$inputs"/*.fa.gz "$inputs"/*.fasta.gz "$inputs"/*.fna.gz)
fi
forward=$(only 'forward reads (*_1.fq, *_1.fastq, also with .gz)' \
    "$inputs"/*_1.fq "$inputs"/*_1.fastq "$inputs"/*_1.fq.gz "$inputs"/*_1.fastq.gz)
reverse=$(only 'reverse reads (*_2.fq, *_2.fastq, also with .gz)' \
    "$inputs"/*_2.fq "$inputs"/*_2.fastq "$inputs"/*_2.fq.gz "$inputs"/*_2.fastq.gz)

# The sample is called as its reads are; the name goes into a header, so it stays plain.
sample=$(basename "$forward")
sample=$(printf '%s' "${sample%_1.*}" | tr -c 'A-Za-z0-9._-' '_')

inputs=$(cd "$inputs" && pwd)
outputs=$(cd "$outputs" && pwd)
forward=$inputs/$(basename "$forward")
reverse=$inputs/$(basename "$reverse")
genome=$inputs/$(basename "$genome")

# Inputs are read-only and /tmp is small: the index and the sorting need room in the outputs.
work=$outputs/.work
rm -rf "$work"
mkdir "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# Names below are relative: the tools write the names they are given into their outputs.
cd "$work"
ln -s "$forward" "$reverse" .
forward=./$(basename "$forward")
reverse=./$(basename "$reverse")

# An aligner would take half a file, or none, for what it is and call no variants.
progress 0 'checking the reads'
lines() { must plain "$1" | wc -l | tr -d ' '; }
first=$(lines "$forward")
second=$(lines "$reverse")
[ ! -e failed ] || die 'the reads are damaged: unpacking them failed'
[ "$first" -gt 0 ] || die "there are no reads in $(basename "$forward")"
[ "$first" = "$second" ] || die "the reads are no pairs: $first lines against $second"
[ $((first % 4)) = 0 ] || die "$(basename "$forward") is cut short: a read has four lines"

progress 0.05 'indexing the genome'
plain "$genome" >genome.fa
bwa index genome.fa 2>bwa-index.log || { cat bwa-index.log >&2; exit 1; }
samtools faidx genome.fa

progress 0.25 'aligning reads'
must bwa mem -v 1 -K 10000000 -t "$threads" -R "@RG\\tID:$sample\\tSM:$sample" genome.fa "$forward" "$reverse" |
    samtools sort --no-PG -@ 1 -T sorting -O bam -o alignment.bam -
[ ! -e failed ] || die 'the alignment failed'
samtools quickcheck alignment.bam

progress 0.6 'indexing the alignment'
samtools index alignment.bam

progress 0.65 'calling variants'
must bcftools mpileup --no-version -Q "$quality" -f genome.fa -Ou alignment.bam |
    bcftools call --no-version "$call" -v --ploidy "$ploidy" -Ov -o variants.vcf -
[ ! -e failed ] || die 'counting the bases failed'

progress 0.95 'summing up'
variants=$(grep -vc '^#' variants.vcf || true)
reads=$(samtools view -c -F 0x900 alignment.bam)
mapped=$(samtools view -c -F 0x904 alignment.bam)
printf '{"sample": "%s", "reads": %s, "mapped": %s, "variants": %s, "ploidy": %s, "caller": "%s"}\n' \
    "$sample" "$reads" "$mapped" "$variants" "$ploidy" "$caller" >summary.json

mv alignment.bam alignment.bam.bai variants.vcf summary.json "$outputs"/
progress 1 "found $variants variants"
