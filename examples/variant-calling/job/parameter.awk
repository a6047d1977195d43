# Prints the text, number or boolean at .job[wanted] of a JSON document; nothing when there is none.
#
# Any awk will do (the base system has mawk, and no JSON tool).

{ text = text $0 "\n" }

END {
    length_of_text = length(text)
    position = 1
    depth = 0
    while (position <= length_of_text) {
        sign = substr(text, position, 1)
        if (sign == "{" || sign == "[") {
            depth++
            is_map[depth] = sign == "{"
            # A map's key is what stands before it in the level above.
            name[depth] = depth > 1 ? key[depth - 1] : ""
            key[depth] = ""
            is_value[depth] = 0
            position++
        } else if (sign == "}" || sign == "]") {
            depth--
            position++
        } else if (sign == ":") {
            is_value[depth] = 1
            position++
        } else if (sign == ",") {
            is_value[depth] = 0
            position++
        } else if (sign == "\"") {
            string()
            if (is_map[depth] && !is_value[depth]) key[depth] = token
            else found()
        } else if (sign ~ /[ \t\r\n]/) {
            position++
        } else {
            token = ""
            while (position <= length_of_text && (sign = substr(text, position, 1)) !~ /[],} \t\r\n:]/) {
                token = token sign
                position++
            }
            if (token == "") exit 1
            if (token != "null") found()
        }
    }
}

function found() {
    if (depth == 2 && is_map[1] && is_map[2] && name[2] == "job" && key[2] == wanted) {
        print token
        exit 0
    }
}

# Reads the string at position into token. Characters beyond ASCII that are escaped by number are left out.
function string(    letter, code) {
    token = ""
    position++
    while (position <= length_of_text) {
        letter = substr(text, position, 1)
        if (letter == "\"") {
            position++
            return
        }
        if (letter == "\\") {
            position++
            letter = substr(text, position, 1)
            if (letter == "u") {
                code = hexadecimal(substr(text, position + 1, 4))
                letter = code >= 32 && code < 127 ? sprintf("%c", code) : ""
                position += 4
            } else if (letter == "n") letter = "\n"
            else if (letter == "t") letter = "\t"
            else if (letter == "r") letter = "\r"
            else if (letter == "b" || letter == "f") letter = ""
        }
        token = token letter
        position++
    }
}

function hexadecimal(digits,    index_of_digit, value) {
    value = 0
    for (index_of_digit = 1; index_of_digit <= 4; index_of_digit++)
        value = value * 16 + index("0123456789abcdef", tolower(substr(digits, index_of_digit, 1))) - 1
    return value
}
