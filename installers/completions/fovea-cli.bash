# shellcheck shell=bash
# Completion of fovea-cli for bash.

_fovea_cli() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local commands="chat generate perplexity tokenize logits info bench"
  local model="--model --draft --threads --backend --context --seed --json --help"
  local sampling="--mode --max-tokens --draft-tokens --temperature --top-k --top-p --min-p --repetition-penalty"
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
    --backend) mapfile -t COMPREPLY < <(compgen -W "cpu cuda auto" -- "$current") && return ;;
    --mode) mapfile -t COMPREPLY < <(compgen -W "dense speculative sparse exact" -- "$current") && return ;;
  esac

  local words
  case "$command" in
    "") words="$commands --help --version" ;;
    chat) words="$model $sampling --system --continue" ;;
    generate) words="$model $sampling --prompt --file --chat --raw --system" ;;
    perplexity) words="$model --file --tokens" ;;
    tokenize) words="$model --text --file" ;;
    logits) words="$model --ids --output" ;;
    bench) words="$model --depths --decode-tokens --repetitions --no-kernels" ;;
    info) words="--model --json --help" ;;
  esac
  if [[ $command == info && $current != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  fi
}

complete -o filenames -F _fovea_cli fovea-cli
