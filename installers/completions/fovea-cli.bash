# shellcheck shell=bash
# Completion of fovea-cli for bash.

_fovea_cli() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local commands="chat generate perplexity align evaluate tokenize logits info bench statistics synthesize export import"
  local model="--model --draft --threads --backend --context --seed --json --help"
  local sampling="--mode --max-tokens --draft-tokens --temperature --top-k --top-p --min-p --repetition-penalty"
  local details="--map --rows --search --value-aware --no-value-aware --per-layer --no-per-layer --sinks --window --dense-layers"
  local sparsity="--selector --attention-top-p --budget $details"
  local scoring="--gamma --mass"
  local command="" word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " $commands " in *" $word "*)
      command=$word
      break
      ;;
    esac
  done

  COMPREPLY=()
  case "$previous" in
    --model | --draft | --file | --output) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    --folder) mapfile -t COMPREPLY < <(compgen -d -- "$current") && return ;;
    --selector) mapfile -t COMPREPLY < <(compgen -W "draft streaming quest oracle" -- "$current") && return ;;
    --selectors) mapfile -t COMPREPLY < <(compgen -W "draft head streaming quest oracle paper" -- "$current") && return ;;
    --map) mapfile -t COMPREPLY < <(compgen -W "mixture head layer" -- "$current") && return ;;
    --rows) mapfile -t COMPREPLY < <(compgen -W "mean max union" -- "$current") && return ;;
    --search) mapfile -t COMPREPLY < <(compgen -W "histogram bisection" -- "$current") && return ;;
    --shape) mapfile -t COMPREPLY < <(compgen -W "llama-2-7b tinyllama-1.1b llama-3.1-8b llama-3.2-1b custom" -- "$current") && return ;;
    --dtype) mapfile -t COMPREPLY < <(compgen -W "f16 q8_0 q4_0" -- "$current") && return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "md json" -- "$current") && return ;;
    --backend) mapfile -t COMPREPLY < <(compgen -W "cpu cuda auto" -- "$current") && return ;;
    --mode) mapfile -t COMPREPLY < <(compgen -W "dense speculative sparse exact" -- "$current") && return ;;
  esac

  local words
  case "$command" in
    "") words="$commands --help --version" ;;
    chat) words="$model $sampling $sparsity --system --continue" ;;
    generate) words="$model $sampling $sparsity --prompt --file --chat --raw --system" ;;
    perplexity) words="$model $sparsity $scoring --mode --file --tokens" ;;
    align) words="$model --file --output" ;;
    evaluate)
      words="$model $details $scoring --file --folder --selectors --attention-top-p --paper-p --budgets --output --jobs"
      ;;
    tokenize) words="$model --text --file" ;;
    logits) words="$model --ids --output" ;;
    bench)
      words="$model --depths --contexts --decode-tokens --repetitions --no-kernels"
      words+=" --density --replay-acceptance --draft-tokens --cycles"
      ;;
    synthesize)
      words="--shape --dtype --output --force --seed --threads --json --help --layers --width --heads --kv-heads"
      words+=" --head-dim --feed-forward --vocabulary --context --rope-base --tied"
      ;;
    export) words="--conversation --all --format --output --help" ;;
    import) words="--help" ;;
    statistics) words="--output --conversation --help" ;;
    info) words="--model --json --help" ;;
  esac
  if [[ $command =~ ^(info|import)$ && $current != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  fi
}

complete -o filenames -F _fovea_cli fovea-cli
